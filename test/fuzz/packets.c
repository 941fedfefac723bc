/*
 * Making and judging packets: RFC 826, 791, 8200, 1071, 792, 4443, 4861, 9293, slow and obvious.
 */
#include "test/fuzz/packets.h"

#include <netinet/in.h>
#include <string.h>

#define OPTION_END            0u
#define OPTION_NOP            1u
#define OPTION_MSS            2u
#define OPTION_SCALE          3u
#define OPTION_SACK_PERMITTED 4u
#define OPTION_SACK           5u
#define OPTION_TIMESTAMPS     8u
#define SHIFT_MAX             14u /* RFC 7323 2.3 */

static void check_arp(const uint8_t *arp, uint32_t len, const struct packet_rules *rules);
static void check_ipv4(const uint8_t *ip, uint32_t len, const struct packet_rules *rules,
		       struct packet_seen *seen);
static void check_ipv6(const uint8_t *ip, uint32_t len, const struct packet_rules *rules,
		       struct packet_seen *seen);
static void check_l4(struct packet_seen *seen, uint32_t hop_limit);
static bool read_option(const uint8_t *at, uint32_t len, struct options_seen *seen);

void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

uint32_t
get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

uint32_t
get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static struct addr
v4_at(const uint8_t *at)
{
	struct addr a = { .byte = { [10] = 0xff, [11] = 0xff } };

	memcpy(a.byte + 12, at, 4);
	return a;
}

/* ---- making ---- */

static uint64_t
sum_of(const uint8_t *at, uint32_t len)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i + 1 < len; i += 2)
		sum += get16(at + i);
	return len % 2 ? sum + ((uint32_t)at[len - 1] << 8) : sum;
}

uint16_t
packet_checksum(const struct addr *src, const struct addr *dst, uint8_t protocol, const uint8_t *at,
		uint32_t len)
{
	uint64_t sum = sum_of(at, len);

	if (src) {
		unsigned from = addr_is_v4(src) ? 12 : 0;

		sum += sum_of(src->byte + from, 16 - from) + sum_of(dst->byte + from, 16 - from);
		sum += protocol + (len >> 16) + (len & 0xffff);
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void
packet_seal_l4(const struct addr *src, const struct addr *dst, uint8_t protocol, uint8_t *at,
	       uint32_t len)
{
	uint32_t place = protocol == IPPROTO_TCP ? 16 : 2;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6)
		return;
	if (len < place + 2)
		return;
	put16(at + place, 0);
	put16(at + place,
	      packet_checksum(protocol == IPPROTO_ICMP ? NULL : src, dst, protocol, at, len));
}

/* Steps over extension headers by their lengths alone. */
static void
seal_v6(uint8_t *ip, uint32_t len)
{
	struct addr src = addr_from_v6(ip + 8), dst = addr_from_v6(ip + 24);
	uint32_t at = IPV6_BYTES, end = IPV6_BYTES + get16(ip + 4);
	uint8_t next = ip[6];

	if (end > len)
		end = len;
	while ((next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS) && at + 8 <= end) {
		next = ip[at];
		at += 8u + ip[at + 1] * 8u;
	}
	if (at < end)
		packet_seal_l4(&src, &dst, next, ip + at, end - at);
}

void
packet_seal(uint8_t *ip, uint32_t len)
{
	uint32_t header, total;
	struct addr src, dst;

	if (len >= IPV6_BYTES && ip[0] >> 4 == 6)
		seal_v6(ip, len);
	if (len < IPV4_BYTES || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 15u) * 4;
	total = get16(ip + 2);
	if (header < IPV4_BYTES || header > len)
		return;
	put16(ip + 10, 0);
	put16(ip + 10, packet_checksum(NULL, NULL, 0, ip, header));
	if (total > len)
		total = len;
	src = v4_at(ip + 12);
	dst = v4_at(ip + 16);
	if (total > header)
		packet_seal_l4(&src, &dst, ip[9], ip + header, total - header);
}

uint32_t
packet_ip(uint8_t *ip, bool v6, const struct addr *src, const struct addr *dst, uint8_t protocol,
	  uint32_t len)
{
	if (!v6) {
		memset(ip, 0, IPV4_BYTES);
		ip[0] = 0x45;
		put16(ip + 2, IPV4_BYTES + len);
		ip[8] = 64;
		ip[9] = protocol;
		memcpy(ip + 12, src->byte + 12, 4);
		memcpy(ip + 16, dst->byte + 12, 4);
		len += IPV4_BYTES;
	} else {
		memset(ip, 0, IPV6_BYTES);
		ip[0] = 0x60;
		put16(ip + 4, len);
		ip[6] = protocol;
		ip[7] = protocol == IPPROTO_ICMPV6 ? 255 : 64;
		memcpy(ip + 8, src->byte, 16);
		memcpy(ip + 24, dst->byte, 16);
		len += IPV6_BYTES;
	}
	packet_seal(ip, len);
	return len;
}

void
packet_eth(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6], uint32_t type)
{
	memcpy(frame, dst, 6);
	memcpy(frame + 6, src, 6);
	put16(frame + 12, type);
}

/* ---- reading options ---- */

struct options_seen
packet_options(const uint8_t *at, uint32_t len)
{
	struct options_seen seen = { .good = true };

	for (uint32_t i = 0; i < len && at[i] != OPTION_END;) {
		if (at[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (i + 1 == len || at[i + 1] < 2 || i + at[i + 1] > len ||
		    !read_option(at + i, at[i + 1], &seen)) {
			seen.good = false;
			break;
		}
		i += at[i + 1];
	}
	return seen;
}

static bool
read_option(const uint8_t *at, uint32_t len, struct options_seen *seen)
{
	switch (at[0]) {
	case OPTION_MSS:
		seen->mss = true;
		seen->mss_bytes = len == 4 ? get16(at + 2) : 0;
		return len == 4;
	case OPTION_SCALE:
		seen->scale = true;
		seen->shift = len == 3 ? at[2] : 0;
		if (seen->shift > SHIFT_MAX)
			seen->shift = SHIFT_MAX;
		return len == 3;
	case OPTION_SACK_PERMITTED:
		seen->sack_permitted = true;
		return len == 2;
	case OPTION_TIMESTAMPS:
		seen->ts = true;
		seen->ts_value = len == 10 ? get32(at + 2) : 0;
		seen->ts_echo = len == 10 ? get32(at + 6) : 0;
		return len == 10;
	case OPTION_SACK:
		if (len != 10 && len != 18 && len != 26 && len != 34)
			return false;
		seen->sack_count = len / 8;
		for (uint32_t i = 0; i < seen->sack_count; i++) {
			seen->sack[i][0] = get32(at + 2 + i * 8);
			seen->sack[i][1] = get32(at + 6 + i * 8);
		}
		return true;
	default:
		return true;
	}
}

/* ---- judging ---- */

void
packet_check_frame(const uint8_t *frame, uint32_t len, const struct packet_rules *rules,
		   struct packet_seen *seen)
{
	static const uint8_t nobody[6];

	memset(seen, 0, sizeof *seen);
	ASSERT(len >= ETH_BYTES && len <= ETH_BYTES + rules->mtu_bytes);
	ASSERT(memcmp(frame + 6, rules->mac, 6) == 0 && memcmp(frame, nobody, 6) != 0);
	seen->type = get16(frame + 12);
	if (seen->type == TYPE_ARP)
		check_arp(frame + ETH_BYTES, len - ETH_BYTES, rules);
	else if (seen->type == TYPE_IPV4)
		check_ipv4(frame + ETH_BYTES, len - ETH_BYTES, rules, seen);
	else if (seen->type == TYPE_IPV6)
		check_ipv6(frame + ETH_BYTES, len - ETH_BYTES, rules, seen);
	else
		ASSERT(!"an EtherType that we don't send");
}

static void
check_arp(const uint8_t *arp, uint32_t len, const struct packet_rules *rules)
{
	struct addr sender, target;

	ASSERT(len >= 28);
	ASSERT(get16(arp) == 1 && get16(arp + 2) == TYPE_IPV4 && arp[4] == 6 && arp[5] == 4);
	ASSERT(get16(arp + 6) == 1 || get16(arp + 6) == 2);
	ASSERT(memcmp(arp + 8, rules->mac, 6) == 0);
	sender = v4_at(arp + 14);
	target = v4_at(arp + 24);
	if (get32(arp + 14) == 0) /* asks whether somebody else has our address (RFC 5227 2.1.1) */
		ASSERT(get16(arp + 6) == 1 && rules->is_ours(rules->context, &target));
	else
		ASSERT(rules->is_ours(rules->context, &sender));
}

static void
check_ipv4(const uint8_t *ip, uint32_t len, const struct packet_rules *rules,
	   struct packet_seen *seen)
{
	uint32_t fragment = get16(ip + 6);
	bool more = fragment & 0x2000, whole = !more && !(fragment & 0x1fff);

	ASSERT(len >= IPV4_BYTES && ip[0] == 0x45 && get16(ip + 2) == len);
	ASSERT(whole || !(fragment & 0xc000)); /* DF, or in fragments */
	ASSERT(!more || (len - IPV4_BYTES) % 8 == 0);
	ASSERT(ip[8] > 0);
	ASSERT(packet_checksum(NULL, NULL, 0, ip, IPV4_BYTES) == 0);
	seen->src = v4_at(ip + 12);
	seen->dst = v4_at(ip + 16);
	seen->protocol = ip[9];
	seen->l4 = ip + IPV4_BYTES;
	seen->l4_len = len - IPV4_BYTES;
	ASSERT(rules->is_ours(rules->context, &seen->src));
	if (whole)
		check_l4(seen, ip[8]);
	else
		ASSERT(seen->protocol == IPPROTO_ICMP && seen->l4_len > 0);
}

/* From no address at all, whether somebody else has ours (RFC 4862 5.4.2). */
static bool
asks_for_duplicates(const struct packet_seen *seen, const struct packet_rules *rules)
{
	struct addr target;

	if (!addr_is_unspecified(&seen->src) || seen->protocol != IPPROTO_ICMPV6 ||
	    seen->l4_len != 24 || seen->l4[0] != 135)
		return false;
	target = addr_from_v6(seen->l4 + 8);
	return rules->is_ours(rules->context, &target) || addr_is_link_local_v6(&target);
}

static void
check_ipv6(const uint8_t *ip, uint32_t len, const struct packet_rules *rules,
	   struct packet_seen *seen)
{
	ASSERT(len >= IPV6_BYTES && ip[0] >> 4 == 6 && IPV6_BYTES + get16(ip + 4) == len);
	ASSERT(ip[7] > 0);
	seen->src = addr_from_v6(ip + 8);
	seen->dst = addr_from_v6(ip + 24);
	ASSERT(!addr_is_v4(&seen->src) && !addr_is_v4(&seen->dst));
	seen->protocol = ip[6];
	seen->l4 = ip + IPV6_BYTES;
	seen->l4_len = len - IPV6_BYTES;
	ASSERT(rules->is_ours(rules->context, &seen->src) ||
	       (seen->protocol != IPPROTO_TCP && addr_is_link_local_v6(&seen->src)) ||
	       asks_for_duplicates(seen, rules));
	if (seen->protocol != IPPROTO_FRAGMENT) {
		check_l4(seen, ip[7]);
		return;
	}
	ASSERT(seen->l4_len > 8 && seen->l4[0] == IPPROTO_ICMPV6 && seen->l4[1] == 0);
	ASSERT(!(seen->l4[3] & 1) || (seen->l4_len - 8) % 8 == 0);
	ASSERT(get16(seen->l4 + 2) != 0); /* never an atomic one */
}

static void
check_l4(struct packet_seen *seen, uint32_t hop_limit)
{
	bool v4 = addr_is_v4(&seen->src);

	ASSERT(!addr_is_unspecified(&seen->dst) && !addr_equal(&seen->src, &seen->dst));
	if (seen->protocol == IPPROTO_TCP) {
		packet_check_tcp(seen->l4, seen->l4_len, &seen->src, &seen->dst, seen);
		return;
	}
	ASSERT(seen->protocol == (v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) && seen->l4_len >= 8);
	ASSERT(packet_checksum(v4 ? NULL : &seen->src, &seen->dst, seen->protocol, seen->l4,
			       seen->l4_len) == 0);
	if (!v4 && (seen->l4[0] == 135 || seen->l4[0] == 136))
		ASSERT(hop_limit == 255 && seen->l4_len >= 24);
	else
		ASSERT(!addr_is_multicast(&seen->dst));
}

void
packet_check_tcp(const uint8_t *at, uint32_t len, const struct addr *src, const struct addr *dst,
		 struct packet_seen *seen)
{
	uint32_t header, flags;

	ASSERT(len >= TCP_BYTES);
	ASSERT(packet_checksum(src, dst, IPPROTO_TCP, at, len) == 0);
	header = (at[12] >> 4) * 4u;
	flags = at[13];
	ASSERT(header >= TCP_BYTES && header <= len && (at[12] & 15) == 0);
	ASSERT(get16(at) != 0 && get16(at + 2) != 0 && !addr_is_multicast(dst));
	ASSERT(flags & (FLAG_SYN | FLAG_RST | FLAG_ACK));
	ASSERT(!(flags & FLAG_SYN) || !(flags & (FLAG_FIN | FLAG_RST)));
	ASSERT(!(flags & FLAG_URG) && get16(at + 18) == 0);
	seen->options = packet_options(at + TCP_BYTES, header - TCP_BYTES);
	ASSERT(seen->options.good);
	ASSERT(flags & FLAG_SYN ||
	       (!seen->options.mss && !seen->options.scale && !seen->options.sack_permitted));
	ASSERT(!(flags & (FLAG_SYN | FLAG_RST)) || len == header);
	seen->payload = at + header;
	seen->payload_len = len - header;
}
