/*
 * Peers that say nearly valid things, and judge the answers.
 */
#include "test/fuzz/near.h"

#include <netinet/in.h>
#include <string.h>

#include "test/fuzz/packets.h"

#define FLAG_PSH      0x08u
#define FLAG_ECE      0x40u
#define FLAG_CWR      0x80u
#define OPTION_COOKIE 34u
#define FAR           (1u << 26) /* beyond any window, so that nobody takes it */
#define OPTION_NOP    1u

static const int32_t deltas[32] = { 0,       0,       0,          0,         0,     0,     0,
				    0,       1,       -1,         2,         -2,    10,    -10,
				    100,     -100,    500,        -500,      999,   1000,  1001,
				    -1000,   1448,    -1448,      5000,      -5000, 65535, -65535,
				    1 << 20, 1 << 30, -(1 << 30), -(3 << 29) };
static const uint16_t lens[16] = { 0,   0,   0,   0,    1,    2,    10,   100,
				   500, 536, 999, 1000, 1001, 1400, 1448, 1460 };
static const uint16_t windows[16] = { 65535, 65535, 65535, 65535, 0,    1,    2,     10,
				      100,   536,   999,   1000,  1460, 4096, 16384, 40000 };

static const struct tcp_conn *conn_of(const struct near *p, const struct tcp *tcp);
static uint32_t
seq_base(const struct near *p, const struct tcp_conn *c, unsigned which, uint32_t len);
static uint32_t
ack_base(const struct near *p, const struct tcp *tcp, const struct tcp_conn *c, unsigned which);
static uint32_t syn_options(const struct near *p, uint64_t now_us, unsigned without,
			    unsigned fast_open, uint8_t *at);
static uint32_t say_options(const struct near *p, const struct tcp *tcp, const struct tcp_conn *c,
			    uint64_t now_us, const uint8_t *move, uint8_t *at);
static uint32_t put_sack(const struct tcp *tcp, const struct tcp_conn *c, unsigned count,
			 unsigned how, uint8_t *at);
static void
seal(const struct near *p, struct near_segment *s, uint32_t header_len, uint32_t text_len);
static void judge_numbers(const struct near *p, const struct tcp_conn *c, struct near_edges *e,
			  const uint8_t *at, const struct packet_seen *seen);
static void judge_text(const struct near *p, const struct packet_seen *seen, uint32_t seq);
static void judge_ecn(const struct near *p, const struct tcp_conn *c, const struct packet *packet,
		      const uint8_t *at, const struct packet_seen *seen);
static void take_cookie(struct near *p, const uint8_t *at, uint32_t len);

/* Not of what is found out here: it would hide in it what the stack does. */
#ifdef __clang__
#define UNCOUNTED __attribute__((no_sanitize("coverage")))
#else
#define UNCOUNTED
#endif

UNCOUNTED uint8_t
near_text(uint16_t port, bool from_us, uint32_t seq)
{
	return (uint8_t)(seq * 31 ^ seq >> 8 ^ seq >> 20 ^ port * 57 ^ (from_us ? 0xa5 : 0));
}

static const struct tcp_conn *
conn_of(const struct near *p, const struct tcp *tcp)
{
	return tcp_table_find(tcp, &p->ours, &p->theirs);
}

static uint32_t
header(const struct near *p, uint32_t seq, uint32_t ack, unsigned flags, uint32_t window,
       uint8_t *at)
{
	memset(at, 0, TCP_BYTES);
	put16(at, p->theirs.port);
	put16(at + 2, p->ours.port);
	put32(at + 4, seq);
	put32(at + 8, ack);
	at[12] = 0x50;
	at[13] = (uint8_t)flags;
	put16(at + 14, window);
	return TCP_BYTES;
}

/* ---- what the peers say ---- */

/*
 * move: 1 who; 2 options that are left out, ECN; 3 sequence number; 4 Fast Open and text; 5 window and
 * flags; 6, 7 a number of its own.
 */
void
near_syn(struct near *p, const struct tcp *tcp, uint64_t now_us,
	 const uint8_t move[NEAR_MOVE_BYTES], struct near_segment *out)
{
	static const uint8_t extra[8] = { 0,        0,        0,        FLAG_PSH,
					  FLAG_FIN, FLAG_URG, FLAG_ECE, FLAG_ECE | FLAG_CWR };
	const struct tcp_conn *c = conn_of(p, tcp);
	uint32_t base = 0x10000000u + p->theirs.port, len;
	unsigned flags = FLAG_SYN | extra[move[5] >> 4 & 7];

	switch (move[3] & 3) {
	case 0: /* as an honest peer's next connection: behind the last one */
		base = (c ? c->rcv_nxt : p->highest) + 64000;
		break;
	case 1: /* again the same */
		base = p->iss;
		break;
	case 2:
		base = c ? c->rcv_nxt : p->highest;
		break;
	default:
		base = 0xffffff00u + move[6] * 65536u + move[7];
	}
	out->seq = base + (uint32_t)deltas[move[3] >> 3];
	if (move[2] & 0x10)
		flags |= FLAG_ECE | FLAG_CWR;
	header(p, out->seq, 0, flags, windows[move[5] & 15], out->bytes);
	len = syn_options(p, now_us, move[2], move[4] & 3, out->bytes + TCP_BYTES);
	out->flags = (uint8_t)flags;
	out->traffic_class = 0;
	seal(p, out, TCP_BYTES + len, lens[move[4] >> 4]);
}

/*
 * move: 1 who; 2 flags and the IP header's ECN bits; 3 sequence number; 4 acknowledgment; 5 length and window; 6 timestamps, blocks
 * of SACK (of SYN,ACK: the options that are left out); 7 which blocks.
 */
void
near_say(struct near *p, const struct tcp *tcp, uint64_t now_us,
	 const uint8_t move[NEAR_MOVE_BYTES], struct near_segment *out)
{
	static const uint8_t usual[16] = { FLAG_ACK,
					   FLAG_ACK,
					   FLAG_ACK | FLAG_PSH,
					   FLAG_ACK | FLAG_FIN,
					   FLAG_ACK | FLAG_FIN | FLAG_PSH,
					   FLAG_SYN,
					   FLAG_ACK | FLAG_SYN,
					   FLAG_RST,
					   FLAG_RST | FLAG_ACK,
					   0,
					   FLAG_FIN,
					   FLAG_SYN | FLAG_FIN,
					   FLAG_ACK | FLAG_URG,
					   FLAG_ACK | FLAG_ECE,
					   FLAG_ACK | FLAG_CWR,
					   FLAG_ACK | FLAG_ECE | FLAG_CWR };
	const struct tcp_conn *c = conn_of(p, tcp);
	unsigned flags = usual[move[2] & 15];
	uint32_t len = lens[move[5] & 15], header_len = TCP_BYTES, ack;

	if (c && c->state == TCP_SYN_SENT && (flags & FLAG_ACK) && !(flags & (FLAG_RST | FLAG_FIN)))
		flags |= FLAG_SYN;
	out->seq = seq_base(p, c, move[3] & 7, len) + (uint32_t)deltas[move[3] >> 3];
	ack = ack_base(p, tcp, c, move[4] & 7) + (uint32_t)deltas[move[4] >> 3];
	header(p, out->seq, flags & FLAG_ACK ? ack : 0, flags, windows[move[5] >> 4], out->bytes);
	if (flags & FLAG_SYN)
		header_len += syn_options(p, now_us, move[6], 0, out->bytes + TCP_BYTES);
	else
		header_len += say_options(p, tcp, c, now_us, move, out->bytes + TCP_BYTES);
	out->flags = (uint8_t)flags;
	out->traffic_class = move[2] >> 4 & 3;
	seal(p, out, header_len, len);
}

void
near_said(struct near *p, const struct tcp *tcp, const struct near_segment *s)
{
	const struct tcp_conn *c = conn_of(p, tcp);

	if ((s->flags & (FLAG_SYN | FLAG_RST)) == FLAG_SYN && (!c || c->irs == s->seq)) {
		if (p->iss == s->seq && seq_gt(p->highest, s->end))
			return;
		p->iss = s->seq;
		p->highest = s->end;
	} else if (c && c->state != TCP_SYN_SENT && seq_gt(s->end, p->highest) &&
		   seq_lt(s->end, c->rcv_nxt + FAR)) {
		p->highest = s->end;
	}
}

/* Where the connection stands as to what the peer sends; without one, where the peer left off. */
static uint32_t
seq_base(const struct near *p, const struct tcp_conn *c, unsigned which, uint32_t len)
{
	if (!c || c->state == TCP_SYN_SENT)
		return which == 3 ? p->iss : p->highest;
	switch (which) {
	case 1:
		return c->irs == p->iss ? p->highest : c->rcv_nxt;
	case 2:
		return c->rcv_adv;
	case 3:
		return c->irs;
	case 4:
		return c->flight->island_last ? island_of(c->flight->island_last)->start
					      : c->rcv_nxt + 1000;
	case 5:
		return c->flight->islands ? island_of(c->flight->islands)->end : c->rcv_nxt + 2000;
	case 6:
		return c->rcv_adv - len;
	case 7:
		return c->rcv_acked;
	default:
		return c->rcv_nxt;
	}
}

/* And as to what we send. */
static uint32_t
ack_base(const struct near *p, const struct tcp *tcp, const struct tcp_conn *c, unsigned which)
{
	if (!c)
		return p->seen;
	switch (which) {
	case 1:
		return c->snd_una;
	case 2:
		return c->snd_nxt;
	case 3:
		return c->iss;
	case 4:
		return c->flight->sent_first != POOL_NONE ? sent_at(tcp, c->flight->sent_first)->end
							  : c->snd_una;
	case 5:
		return c->snd_una + c->snd_wnd;
	case 6:
		return c->snd_una - c->snd_wnd_max;
	case 7:
		return c->snd_una + (c->snd_nxt - c->snd_una) / 2;
	default:
		return c->iss == p->irs ? p->seen : c->snd_nxt;
	}
}

static uint32_t
put_timestamps(const struct near *p, uint64_t now_us, uint8_t *at)
{
	at[0] = at[1] = OPTION_NOP;
	at[2] = 8;
	at[3] = 10;
	put32(at + 4, (uint32_t)(now_us / 1000) + p->theirs.port * 7919u);
	put32(at + 8, p->ts_seen);
	return 12;
}

/* without: 1 MSS, 2 scale, 4 SACK permitted, 8 timestamps; beyond those bits, which values. */
static uint32_t
syn_options(const struct near *p, uint64_t now_us, unsigned without, unsigned fast_open,
	    uint8_t *at)
{
	static const uint16_t sizes[4] = { 1000, 1460, 0, 80 };
	static const uint8_t shifts[4] = { 7, 0, 2, 15 };
	uint32_t len = 0;

	if (!(without & 1)) {
		at[len] = 2;
		at[len + 1] = 4;
		put16(at + len + 2, sizes[without >> 6]);
		len += 4;
	}
	if (!(without & 2)) {
		memcpy(at + len, (const uint8_t[]){ OPTION_NOP, 3, 3, shifts[without >> 6] }, 4);
		len += 4;
	}
	if (!(without & 8))
		len += put_timestamps(p, now_us, at + len);
	if (!(without & 4)) {
		memcpy(at + len, (const uint8_t[]){ OPTION_NOP, OPTION_NOP, 4, 2 }, 4);
		len += 4;
	}
	if (fast_open) { /* asked for; as it was given; nearly so */
		uint32_t size = fast_open == 1 ? 0 : p->cookie_len;

		memset(at + len, OPTION_NOP, (size + 5) & ~3u);
		at[len] = OPTION_COOKIE;
		at[len + 1] = (uint8_t)(size + 2);
		memcpy(at + len + 2, p->cookie, size);
		at[len + 2] ^= fast_open == 3;
		len += (size + 5) & ~3u;
	}
	ASSERT(len <= TCP_OPTIONS_MAX);
	return len;
}

static uint32_t
say_options(const struct near *p, const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us,
	    const uint8_t *move, uint8_t *at)
{
	static const uint32_t off[8] = {
		0, 0, 0, UINT32_MAX, 1000, 1u << 30, UINT32_MAX - 100000, 1u << 31
	};
	unsigned how = move[6] & 7, blocks = (move[6] >> 3 & 7) % 5;
	uint32_t len = 0;

	if (c && (c->flags & CONN_TIMESTAMPS) && how != 1) {
		len = put_timestamps(p, now_us, at);
		if (move[6] & 0x40) /* the echo is off, not the value */
			put32(at + 8, p->ts_seen + off[how]);
		else
			put32(at + 4, get32(at + 4) + off[how]);
	}
	if (c && blocks)
		len += put_sack(tcp, c, len && blocks == 4 ? 3 : blocks, move[7], at + len);
	return len;
}

/* Blocks around the segments that are out; how: 0-2 the first one, 3-4 the length, 5-7 what is wrong with them. */
static uint32_t
put_sack(const struct tcp *tcp, const struct tcp_conn *c, unsigned count, unsigned how, uint8_t *at)
{
	uint32_t index = c->flight->sent_first;

	for (unsigned i = how & 7; i && index != POOL_NONE; i--)
		index = sent_at(tcp, index)->next;
	at[0] = at[1] = OPTION_NOP;
	at[2] = 5;
	at[3] = (uint8_t)(2 + 8 * count);
	for (unsigned i = 0; i < count; i++) {
		uint32_t start = c->snd_una + 1000 * i, end = start + 1000;

		for (unsigned k = 0; k <= (how >> 3 & 3) && index != POOL_NONE; k++) {
			const struct tcp_sent *s = sent_at(tcp, index);

			start = k ? start : s->start;
			end = s->end;
			index = s->next;
		}
		if (index != POOL_NONE)
			index = sent_at(tcp, index)->next;
		switch (how >> 5) {
		case 1:
			start--;
			break;
		case 2:
			end++;
			break;
		case 3:
			start += (end - start) / 2;
			break;
		case 4:
			end = c->snd_nxt + 1;
			break;
		case 5: /* a duplicate, RFC 2883 */
			if (i == 0) {
				start = c->snd_una - 1000;
				end = c->snd_una - 500;
			}
			break;
		case 6:
			end = start - (end - start);
			break;
		default:
			break;
		}
		put32(at + 4 + i * 8, start);
		put32(at + 8 + i * 8, end);
	}
	return 4 + 8 * count;
}

/* Text behind the header, lengths, checksum. */
UNCOUNTED static void
seal(const struct near *p, struct near_segment *s, uint32_t header_len, uint32_t text_len)
{
	uint32_t first = s->seq + !!(s->flags & FLAG_SYN);

	s->bytes[12] = (uint8_t)(header_len / 4 << 4);
	for (uint32_t i = 0; i < text_len; i++)
		s->bytes[header_len + i] = near_text(p->theirs.port, false, first + i);
	s->len = header_len + text_len;
	s->end = first + text_len + !!(s->flags & FLAG_FIN);
	packet_seal_l4(&p->theirs.addr, &p->ours.addr, IPPROTO_TCP, s->bytes, s->len);
}

/* ---- what we say ---- */

void
near_watch(struct near_edges *e, const struct tcp_conn *c)
{
	uint32_t edge = c->snd_una + c->snd_wnd + (c->snd_una == c->iss);

	if (!e->made || e->iss != c->iss || e->irs != c->irs)
		*e = (struct near_edges){
			.made = true, .iss = c->iss, .irs = c->irs, .sendable = edge
		};
	if (seq_gt(edge, e->sendable))
		e->sendable = edge;
}

void
near_judge(struct near *p, const struct tcp *tcp, struct near_edges *edges, struct rte_mbuf *m)
{
	const struct packet *packet = packet_of(m);
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	struct packet_seen seen = { .l4 = at, .l4_len = m->data_len };
	struct endpoint ours = { .addr = packet->src, .port = (uint16_t)get16(at) };
	const struct tcp_conn *c = tcp_table_find(tcp, &ours, &p->theirs);
	uint32_t seq = get32(at + 4), end, flags = at[13];

	ASSERT(m->nb_segs == 1 && rte_pktmbuf_headroom(m) >= ETH_BYTES + IPV6_BYTES);
	ASSERT(addr_equal(&packet->src, &p->ours.addr) &&
	       addr_equal(&packet->dst, &p->theirs.addr));
	packet_check_tcp(at, m->data_len, &packet->src, &packet->dst, &seen);
	judge_ecn(p, c, packet, at, &seen);
	if (!p->relayed)
		judge_text(p, &seen, seq);
	if (c && !(flags & FLAG_RST) && ours.port == p->ours.port)
		judge_numbers(p, c, &edges[c->id], at, &seen);
	if (flags & FLAG_RST || ours.port != p->ours.port)
		return;
	end = seq + seen.payload_len + !!(flags & FLAG_FIN) + !!(flags & FLAG_SYN);
	if (flags & FLAG_SYN) {
		p->irs = seq;
		p->seen = end;
		take_cookie(p, at + TCP_BYTES, m->data_len - TCP_BYTES);
	} else if (seq_gt(end, p->seen)) {
		p->seen = end;
	}
	if (seen.options.ts)
		p->ts_seen = seen.options.ts_value;
}

static void
judge_numbers(const struct near *p, const struct tcp_conn *c, struct near_edges *e,
	      const uint8_t *at, const struct packet_seen *seen)
{
	uint32_t seq = get32(at + 4), ack = get32(at + 8), flags = at[13];
	uint32_t offered = ack + (get16(at + 14) << c->rcv_scale);

	if (seen->payload_len) /* a probe of a closed window may have one byte more */
		ASSERT(e->made && e->iss == c->iss && e->irs == c->irs &&
		       seq_leq(seq + seen->payload_len, e->sendable + 1));
	ASSERT(seen->payload_len <= 1460);
	if (flags & FLAG_SYN || !(flags & FLAG_ACK))
		return;
	ASSERT(seq_geq(seq,
		       c->iss)); /* a SYN may be that of a cookie, which belongs to no connection */
	ASSERT(!seen->options.ts == !(c->flags & CONN_TIMESTAMPS));
	ASSERT(!seen->options.sack_count || (c->flags & CONN_SACK));
	/* What the field cannot express may be taken back (RFC 7323 2.4), as long as it is taken in. */
	if (e->has_offered)
		ASSERT(seq_gt(offered + (1u << c->rcv_scale), e->offered));
	else
		e->offered = offered;
	if (seq_gt(offered, e->offered))
		e->offered = offered;
	ASSERT(seq_geq(c->rcv_adv, e->offered));
	e->has_offered = true;
	if (c->irs != p->iss)
		return;
	ASSERT(seq_leq(ack, p->highest));
	for (uint32_t i = 0; i < seen->options.sack_count; i++) {
		ASSERT(seq_gt(seen->options.sack[i][1], seen->options.sack[i][0]));
		/* A duplicate may be any segment that claims to be an old one. */
		ASSERT(seq_leq(seen->options.sack[i][1], p->highest) ||
		       (i == 0 && seq_leq(seen->options.sack[i][1], ack)));
	}
}

/*
 * RFC 3168 6.1: nothing of it without agreement. What may be marked on its way is text that goes out for the first time (6.1.4 to
 * 6.1.6), and CWR goes with text. A SYN asks by both flags, and is answered by ECE alone (6.1.1).
 */
static void
judge_ecn(const struct near *p, const struct tcp_conn *c, const struct packet *packet,
	  const uint8_t *at, const struct packet_seen *seen)
{
	bool agreed = c && (c->flags & CONN_ECN), ece = at[13] & FLAG_ECE, cwr = at[13] & FLAG_CWR;

	if (packet->traffic_class & 3) {
		ASSERT((packet->traffic_class & 3) == ECN_ECT0 && agreed && seen->payload_len > 0);
		ASSERT(c->iss != p->irs || seq_geq(get32(at + 4), p->seen));
	}
	if (at[13] & FLAG_RST)
		ASSERT(!ece && !cwr);
	else if (at[13] & FLAG_SYN)
		ASSERT(at[13] & FLAG_ACK ? !cwr : ece == cwr);
	else
		ASSERT((!ece || agreed) && (!cwr || (agreed && seen->payload_len > 0)));
}

UNCOUNTED static void
judge_text(const struct near *p, const struct packet_seen *seen, uint32_t seq)
{
	uint32_t first = seq;

	for (uint32_t i = 0; i < seen->payload_len; i++)
		ASSERT(seen->payload[i] == near_text(p->theirs.port, true, first + i));
}

static void
take_cookie(struct near *p, const uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i + 1 < len && at[i];) {
		if (at[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (at[i] == OPTION_COOKIE && at[i + 1] > 2 && at[i + 1] - 2u <= NEAR_COOKIE_MAX) {
			p->cookie_len = at[i + 1] - 2u;
			memcpy(p->cookie, at + i + 2, p->cookie_len);
		}
		i += at[i + 1];
	}
}
