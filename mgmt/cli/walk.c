/*
 * What a trace's record says, for people: headers from the frame's first bytes, taken apart here with every
 * length checked (the frame may be anything), verdicts and the connection's fields from what the worker noted.
 */
#include "mgmt/cli/walk.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "fw/abi/drops.h"
#include "fw/base/addr.h"
#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"

#define TYPE_IPV4      0x0800u
#define TYPE_ARP       0x0806u
#define TYPE_VLAN      0x8100u
#define TYPE_IPV6      0x86ddu
#define PROTOCOL_ICMP  1u
#define PROTOCOL_TCP   6u
#define PROTOCOL_UDP   17u
#define PROTOCOL_ICMP6 58u
#define FLAG_SYN       0x02u
#define FLAG_ACK       0x10u
#define NAME_COLUMN    12

/* A part of the frame. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

/* Where its layers lie; at NULL: there is none. */
struct layers {
	struct bytes frame, arp, ip, transport;
	uint32_t type, protocol; /* EtherType behind VLAN tags; of IP */
	uint32_t payload_bytes;  /* behind the IP header, as that says */
	bool first_fragment;
};

static void split(const struct tap_record *record, struct layers *layers);
static void print_ethernet(FILE *out, const struct layers *layers);
static void print_ip(FILE *out, const struct layers *layers);
static void
print_transport(FILE *out, const struct layers *layers, const struct tap_record *record);
static void print_tcp(FILE *out, const struct layers *layers, const struct tap_record *record);
static void print_tcp_options(FILE *out, struct bytes options);
static void print_connection(FILE *out, const struct tap_record *record);
static void print_verdict(FILE *out, const struct tap_record *record, enum trace_layer layer);

static uint32_t
u16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t
u32(const uint8_t *at)
{
	return u16(at) << 16 | u16(at + 2);
}

void
walk_print(FILE *out, uint64_t number, const char *port, const struct tap_record *record)
{
	bool in = record->direction == TAP_IN;
	struct layers layers;
	char time[CLI_TIME_BYTES];

	split(record, &layers);
	fprintf(out, "packet %" PRIu64 "  %s  %s port %s  %u bytes\n", number,
		cli_time(record->unix_us, true, time), in ? "in by" : "out by", port,
		record->frame_bytes);
	if (in) {
		print_ethernet(out, &layers);
		print_verdict(out, record, TRACE_LAYER_ethernet);
		print_ip(out, &layers);
		print_verdict(out, record, TRACE_LAYER_ip);
		print_transport(out, &layers, record);
		print_verdict(out, record, TRACE_LAYER_tcp);
		print_connection(out, record);
	} else {
		print_connection(out, record);
		print_transport(out, &layers, record);
		print_verdict(out, record, TRACE_LAYER_tcp);
		print_ip(out, &layers);
		print_verdict(out, record, TRACE_LAYER_ip);
		print_ethernet(out, &layers);
		print_verdict(out, record, TRACE_LAYER_ethernet);
		fprintf(out, "  %-*s %s", NAME_COLUMN, "port", port);
		print_verdict(out, record, TRACE_LAYER_port);
	}
	if (record->reason)
		fprintf(out, "  %-*s %s: %s\n", NAME_COLUMN, "dropped",
			drop_infos[record->reason].name, drop_infos[record->reason].text);
	fputc('\n', out);
}

/* Ends the line of a layer. */
static void
print_verdict(FILE *out, const struct tap_record *record, enum trace_layer layer)
{
	const struct tap_walk *walk = tap_record_walk(record);
	unsigned verdict = walk->verdict[layer];

	if (verdict == TRACE_VERDICT_none && layer == TRACE_LAYER_tcp)
		fputc('\n', out);
	else
		fprintf(out, "  [%s]\n", trace_verdict_text(verdict));
}

/* ---- taking apart ---- */

static void
split(const struct tap_record *record, struct layers *layers)
{
	struct bytes rest = { tap_record_frame(record), record->kept_bytes };
	uint32_t header = 14;

	*layers = (struct layers){ .frame = rest };
	if (rest.len < header)
		return;
	layers->type = u16(rest.at + 12);
	while (layers->type == TYPE_VLAN && rest.len >= header + 4) {
		layers->type = u16(rest.at + header + 2);
		header += 4;
	}
	rest = (struct bytes){ rest.at + header, rest.len - header };
	if (layers->type == TYPE_ARP)
		layers->arp = rest;
	if (layers->type == TYPE_IPV4 && rest.len >= 20) {
		header = (rest.at[0] & 0x0fu) * 4;
		layers->ip = rest;
		layers->protocol = rest.at[9];
		layers->first_fragment = (u16(rest.at + 6) & 0x1fff) == 0;
		layers->payload_bytes = u16(rest.at + 2) > header ? u16(rest.at + 2) - header : 0;
	} else if (layers->type == TYPE_IPV6 && rest.len >= 40) {
		header = 40;
		layers->ip = rest;
		layers->protocol = rest.at[6];
		layers->first_fragment = true;
		layers->payload_bytes = u16(rest.at + 4);
	} else {
		return;
	}
	if (header >= 20 && rest.len > header)
		layers->transport = (struct bytes){ rest.at + header, rest.len - header };
}

static void
print_mac(FILE *out, const uint8_t *mac)
{
	fprintf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		mac[5]);
}

static const char *
type_text(uint32_t type)
{
	return type == TYPE_IPV4   ? "IPv4"
	       : type == TYPE_IPV6 ? "IPv6"
	       : type == TYPE_ARP  ? "ARP"
				   : "";
}

static void
print_ethernet(FILE *out, const struct layers *layers)
{
	const uint8_t *at = layers->frame.at;

	fprintf(out, "  %-*s ", NAME_COLUMN, trace_layer_text(TRACE_LAYER_ethernet));
	if (layers->frame.len < 14) {
		fprintf(out, "cut");
		return;
	}
	print_mac(out, at + 6);
	fputs(" > ", out);
	print_mac(out, at);
	for (size_t tag = 12; layers->frame.len >= tag + 4 && u16(at + tag) == TYPE_VLAN; tag += 4)
		fprintf(out, "  vlan %u", u16(at + tag + 2) & 0x0fff);
	fprintf(out, "  type 0x%04x %s", layers->type, type_text(layers->type));
}

static struct addr
address(const uint8_t *at, bool v4)
{
	struct addr a = { 0 };

	memcpy(v4 ? &a.byte[12] : a.byte, at, v4 ? 4 : 16);
	if (v4)
		a.byte[10] = a.byte[11] = 0xff;
	return a;
}

static void
print_addresses(FILE *out, const uint8_t *src, const uint8_t *dst, bool v4)
{
	struct addr from = address(src, v4), to = address(dst, v4);
	char text[ADDR_TEXT_MAX];

	fprintf(out, "%s", addr_format(&from, text));
	fprintf(out, " > %s", addr_format(&to, text));
}

static void
print_arp(FILE *out, const struct layers *layers)
{
	struct bytes arp = layers->arp;
	char text[ADDR_TEXT_MAX];

	if (arp.len < 28) {
		fprintf(out, "arp cut");
		return;
	}
	fprintf(out, "arp %s  ",
		u16(arp.at + 6) == 1   ? "request"
		: u16(arp.at + 6) == 2 ? "reply"
				       : "?");
	for (size_t i = 14; i <= 24; i += 10) {
		struct addr a = address(arp.at + i, true);

		fprintf(out, "%s %s%s", i == 14 ? "from" : "for", addr_format(&a, text),
			i == 14 ? " " : "");
	}
}

static void
print_ip(FILE *out, const struct layers *layers)
{
	const uint8_t *at = layers->ip.at;
	bool v4 = layers->type == TYPE_IPV4;
	uint32_t class;

	fprintf(out, "  %-*s ", NAME_COLUMN, trace_layer_text(TRACE_LAYER_ip));
	if (layers->type == TYPE_ARP) {
		print_arp(out, layers);
		return;
	}
	if (!at) {
		fprintf(out, "%s", v4 || layers->type == TYPE_IPV6 ? "cut" : "no IP");
		return;
	}
	print_addresses(out, v4 ? at + 12 : at + 8, v4 ? at + 16 : at + 24, v4);
	class = v4 ? at[1] : (u16(at) >> 4 & 0xff);
	fprintf(out, "  protocol %u  ttl %u  length %u  dscp %u  ecn %u", layers->protocol,
		v4 ? at[8] : at[7], v4 ? u16(at + 2) : 40 + u16(at + 4), class >> 2, class & 3);
	if (v4 && (u16(at + 6) & 0x3fff))
		fprintf(out, "  fragment at %u%s", (u16(at + 6) & 0x1fff) * 8,
			at[6] & 0x20 ? ", more follow" : "");
}

/* ---- TCP and its neighbours ---- */

static void
print_transport(FILE *out, const struct layers *layers, const struct tap_record *record)
{
	struct bytes t = layers->transport;

	if (layers->protocol == PROTOCOL_TCP && t.at && layers->first_fragment) {
		fprintf(out, "  %-*s ", NAME_COLUMN, trace_layer_text(TRACE_LAYER_tcp));
		print_tcp(out, layers, record);
	} else if ((layers->protocol == PROTOCOL_ICMP || layers->protocol == PROTOCOL_ICMP6) &&
		   t.len >= 2) {
		fprintf(out, "  %-*s type %u  code %u", NAME_COLUMN, "icmp", t.at[0], t.at[1]);
	} else if (layers->protocol == PROTOCOL_UDP && t.len >= 4) {
		fprintf(out, "  %-*s %u > %u", NAME_COLUMN, "udp", u16(t.at), u16(t.at + 2));
	} else {
		fprintf(out, "  %-*s none", NAME_COLUMN, trace_layer_text(TRACE_LAYER_tcp));
	}
}

/* The connection's numbers: as after the segment, else as before it; NULL: it met none. */
static const struct conn_fields *
met(const struct tap_record *record)
{
	const struct tap_walk *walk = tap_record_walk(record);

	if (walk->met & TAP_MET_AFTER)
		return &walk->after;
	return walk->met & TAP_MET_BEFORE ? &walk->before : NULL;
}

/* Relative if the initial one is known. */
static void
print_sequence(FILE *out, const char *name, uint32_t value, const struct conn_fields *fields,
	       enum conn_field initial)
{
	if (fields && fields->value[initial] != CONN_FIELD_NONE)
		fprintf(out, "  %s %u (%u)", name, value - (uint32_t)fields->value[initial], value);
	else
		fprintf(out, "  %s (%u)", name, value);
}

static void
print_tcp(FILE *out, const struct layers *layers, const struct tap_record *record)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"
	};
	const struct conn_fields *fields = met(record);
	bool in = record->direction == TAP_IN;
	enum conn_field shift = in ? CONN_FIELD_snd_scale : CONN_FIELD_rcv_scale;
	struct bytes t = layers->transport;
	uint32_t header, flags, window;
	const char *between = "  ";

	if (t.len < 20) {
		fprintf(out, "cut");
		return;
	}
	header = (t.at[12] >> 4) * 4u;
	flags = t.at[13];
	window = u16(t.at + 14);
	fprintf(out, "%u > %u", u16(t.at), u16(t.at + 2));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & 1u << i) {
			fprintf(out, "%s%s", between, names[i]);
			between = ",";
		}
	print_sequence(out, "seq", u32(t.at + 4), fields, in ? CONN_FIELD_irs : CONN_FIELD_iss);
	if (flags & FLAG_ACK)
		print_sequence(out, "ack", u32(t.at + 8), fields,
			       in ? CONN_FIELD_iss : CONN_FIELD_irs);
	fprintf(out, "  window %u", window);
	if (fields && !(flags & FLAG_SYN) && fields->value[shift] < 15)
		fprintf(out, " << %" PRIu64, fields->value[shift]);
	if (header < 20 || header > layers->payload_bytes) {
		fprintf(out, "  header length %u", header);
		return;
	}
	fprintf(out, "  payload %u", layers->payload_bytes - header);
	if (header > 20 && t.len >= header)
		print_tcp_options(out, (struct bytes){ t.at + 20, header - 20 });
}

static void
print_tcp_options(FILE *out, struct bytes o)
{
	const char *between = "  options ";

	while (o.len && o.at[0] != 0) {
		uint32_t kind = o.at[0], len = kind == 1 ? 1 : o.len >= 2 ? o.at[1] : 0;

		if (len == 0 || len > o.len || (kind != 1 && len < 2)) {
			fprintf(out, "%smalformed", between);
			return;
		}
		if (kind != 1) {
			fprintf(out, "%s", between);
			between = ", ";
		}
		if (kind == 2 && len == 4)
			fprintf(out, "mss %u", u16(o.at + 2));
		else if (kind == 3 && len == 3)
			fprintf(out, "scale %u", o.at[2]);
		else if (kind == 4 && len == 2)
			fprintf(out, "sack permitted");
		else if (kind == 5)
			for (uint32_t at = 2; at + 8 <= len; at += 8)
				fprintf(out, "%s%u-%u", at == 2 ? "sack " : " ", u32(o.at + at),
					u32(o.at + at + 4));
		else if (kind == 8 && len == 10)
			fprintf(out, "timestamp %u echo %u", u32(o.at + 2), u32(o.at + 6));
		else if (kind == 34)
			fprintf(out, "fast open, cookie of %u bytes", len - 2);
		else if (kind != 1)
			fprintf(out, "kind %u of %u bytes", kind, len);
		o = (struct bytes){ o.at + len, o.len - len };
	}
}

/* ---- the connection ---- */

static void
print_changes(FILE *out, const struct tap_walk *walk)
{
	for (enum conn_field field = 0; field < CONN_FIELD_COUNT; field++) {
		char before[CONN_FIELD_TEXT_BYTES], after[CONN_FIELD_TEXT_BYTES];

		if (conn_field_unit(field) == CONN_UNIT_TIME || field == CONN_FIELD_state ||
		    walk->before.value[field] == walk->after.value[field])
			continue;
		conn_field_format(&walk->before, field, before);
		conn_field_format(&walk->after, field, after);
		fprintf(out, "  %-*s %s %s -> %s\n", NAME_COLUMN, "", conn_field_infos[field].name,
			*before ? before : "-", *after ? after : "-");
	}
}

/* What it met, and what the segment changed there; of one that goes out, what the connection says now. */
static void
print_connection(FILE *out, const struct tap_record *record)
{
	static const enum conn_field told[] = { CONN_FIELD_snd_una, CONN_FIELD_snd_nxt,
						CONN_FIELD_rcv_nxt, CONN_FIELD_cwnd,
						CONN_FIELD_pipe,    CONN_FIELD_recovery };
	const struct tap_walk *walk = tap_record_walk(record);
	char before[CONN_FIELD_TEXT_BYTES], after[CONN_FIELD_TEXT_BYTES];
	bool was = walk->met & TAP_MET_BEFORE, is = walk->met & TAP_MET_AFTER;

	if (!was && !is)
		return;
	conn_field_format(&walk->before, CONN_FIELD_state, before);
	conn_field_format(&walk->after, CONN_FIELD_state, after);
	fprintf(out, "  %-*s %u.%u  ", NAME_COLUMN, "connection", record->worker, walk->conn);
	if (was && is && strcmp(before, after) == 0)
		fprintf(out, "%s\n", after);
	else if (was)
		fprintf(out, "%s -> %s\n", before, is ? after : "gone");
	else
		fprintf(out, "%s%s\n", record->direction == TAP_IN ? "new -> " : "", after);
	if (was && is)
		print_changes(out, walk);
	for (size_t i = 0; i < ARRAY_SIZE(told) && record->direction == TAP_OUT; i++)
		fprintf(out, "  %-*s %s %s\n", NAME_COLUMN, "", conn_field_infos[told[i]].name,
			conn_field_format(&walk->after, told[i], after));
}
