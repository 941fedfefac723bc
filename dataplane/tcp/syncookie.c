/*
 * SYN cookies (RFC 4987 3.6): when strangers want more half-open connections than we can keep, a SYN is
 * answered and forgotten. What has to be known again when the handshake's last ACK comes stands in the
 * SYN,ACK, and comes back with that ACK:
 *
 *   sequence number   F + count * 2^24 + (G + MSS index * 2^21) mod 2^24
 *     F      the hash of RFC 6528, as in isn.c, so that numbers of cookies and others grow by one clock
 *     count  that clock's upper eight bits: a period of 67 s. This one and the last are accepted
 *     G      a keyed hash of the endpoints, the peer's SYN, the period and our window scale
 *   timestamp         our clock but for its last six bits: window scale (15: none), SACK permitted, ECN.
 *                     Without timestamps none of them is agreed to
 *
 * Of 2^32 acknowledgment numbers sixteen are good at a time, and others for each pair of endpoints. The
 * key is made at start. Nothing in the timestamp is worth hashing: the peer could have asked for it.
 *
 * Cookies begin when half of the places for half-open connections are taken and end when three quarters
 * are free again: the upper half remains for SYNs that replace a connection in TIME-WAIT, whose numbers
 * must be above the old ones. They also begin when a connection would cost somebody else his: only who
 * has shown that he is there may claim one. Whoever has a place keeps it, as he may be honest, but is
 * waited for a shorter time (timer.c). An ACK is looked at only while a cookie may be out, so that
 * otherwise a stray one costs a comparison.
 *
 * Left out, as it can't be done without memory: repeating a SYN,ACK (the peer repeats its SYN), telling a
 * very late copy of an ACK that was taken from a new one (two periods bound it).
 */
#include "dataplane/tcp/tcp_priv.h"

#define PERIOD_US    ((uint64_t)TCP_ISN_TICK_US << 24)
#define LOW_BITS     0xffffffu
#define INDEX_SHIFT  21u /* eight sizes */
#define TS_BITS      0x3fu
#define TS_SCALE     0x0fu /* this value: no scale */
#define TS_SACK      0x10u
#define TS_ECN       0x20u
#define SCARCE_SHARE 32u /* of the connections: so few are left that cookies begin */

/*
 * RFC 6691, RFC 9293 3.7.1: the peer gets no more than it has asked for. Half of all offers are 1460
 * (Ethernet), nearly all others lie between 1300 and it (tunnels, PPPoE, IPv6); the defaults of both
 * families; and our own minimum.
 */
static const uint16_t mss_table[8] = { 64, 536, 1220, 1300, 1360, 1400, 1440, 1460 };

static uint32_t period_of(uint64_t now_us);
static uint32_t mac(const struct tcp *tcp, const struct endpoint *local,
		    const struct endpoint *remote, uint32_t irs, uint32_t period, uint8_t scale);
static uint32_t mss_index(const struct tcp_options *opt, const struct endpoint *remote);
static uint32_t ts_with(uint32_t ts_now, const struct tcp_options *opt, bool ecn);
static bool read_number(const struct tcp *tcp, const struct tcp_segment *seg,
			const struct endpoint *local, const struct endpoint *remote, uint8_t scale,
			uint64_t now_us, struct tcp_options *agreed);
static bool
read_timestamp(const struct tcp_options *opt, uint32_t ts_now, struct tcp_options *agreed);

bool
tcp_cookie_flood(struct tcp *tcp)
{
	uint32_t max = tcp->settings.half_open_max;

	if (tcp->half_open >= max_u32(max / 2, 1))
		tcp->syn_flood = true;
	else if (tcp->half_open <= max / 4)
		tcp->syn_flood = false;
	return tcp->syn_flood;
}

bool
tcp_cookie_wanted(struct tcp *tcp)
{
	uint32_t left = tcp->conns.capacity - tcp->conns.used;

	if (tcp_cookie_flood(tcp))
		return true;
	if (tcp->lists[LIST_TIME_WAIT].head != TCP_NONE ||
	    left > tcp->conns.capacity / SCARCE_SHARE)
		return false;
	/* without hope for a place, a promise would only keep the client from trying elsewhere */
	return left > 0 || tcp->host->spare;
}

enum drop_reason
tcp_cookie_answer(struct tcp *tcp, const struct tcp_segment *seg, const struct endpoint *local,
		  const struct endpoint *remote, uint64_t now_us)
{
	uint32_t number = tcp_listen_profile(tcp, local);
	const struct tcp_profile *profile = &tcp->profiles[number];
	uint32_t buffer_bytes = profile->receive_buffer_bytes;
	uint32_t period = period_of(now_us), clock_part = (period & 0xff) << 24;
	uint8_t scale = tcp_window_scale(buffer_bytes);
	struct tcp_cookie *cookie;

	if (tcp->cookie_count == TCP_COOKIES_QUEUED)
		return DROP_tcp_syn_queue_full;
	cookie = &tcp->cookies[(tcp->cookie_head + tcp->cookie_count++) % TCP_COOKIES_QUEUED];
	*cookie = (struct tcp_cookie){
		.local = *local,
		.remote = *remote,
		.seq = tcp_isn(tcp, local, remote, 0) + clock_part +
		       ((mac(tcp, local, remote, seg->seq, period, scale) +
			 (mss_index(&seg->opt, remote) << INDEX_SHIFT)) &
			LOW_BITS),
		.ack = seg->seq + 1,
		.window = (uint16_t)min_u32(tcp_window_first(buffer_bytes), UINT16_MAX),
		.has = OPT_MSS,
		.mss = tcp_mss_own(tcp, number, &remote->addr),
		.scale = scale,
	};
	if (seg->opt.has & OPT_TIMESTAMPS) {
		cookie->has |= seg->opt.has & (OPT_SCALE | OPT_SACK_PERMITTED | OPT_TIMESTAMPS);
		cookie->ecn = tcp_ecn_is_wanted(profile, seg) ? SEG_ECE : 0;
		cookie->ts_value =
		    ts_with((uint32_t)(now_us / 1000) + tcp_ts_offset(tcp, local, remote),
			    &seg->opt, cookie->ecn);
		cookie->ts_echo = seg->opt.ts_value;
	}
	tcp->cookies_until_us = now_us + 2 * PERIOD_US;
	tcp->stats->counter[COUNTER_tcp_cookies_sent]++;
	return DROP_none;
}

static uint32_t
period_of(uint64_t now_us)
{
	return (uint32_t)(now_us / PERIOD_US);
}

static uint32_t
mac(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
    uint32_t irs, uint32_t period, uint8_t scale)
{
	uint64_t words[7] = { local->addr.word[0],
			      local->addr.word[1],
			      remote->addr.word[0],
			      remote->addr.word[1],
			      (uint64_t)local->port << 16 | remote->port,
			      (uint64_t)period << 32 | irs,
			      scale };

	return (uint32_t)siphash(&tcp->cookie_key, words, sizeof words) & LOW_BITS;
}

/* The largest one that the peer can take. */
static uint32_t
mss_index(const struct tcp_options *opt, const struct endpoint *remote)
{
	uint32_t mss = opt->has & OPT_MSS ? opt->mss : tcp_mss_default(&remote->addr), index = 0;

	while (index + 1 < ARRAY_SIZE(mss_table) && mss_table[index + 1] <= mss)
		index++;
	return index;
}

/* Never ahead of the clock: later segments must not look older. */
static uint32_t
ts_with(uint32_t ts_now, const struct tcp_options *opt, bool ecn)
{
	uint32_t bits = opt->has & OPT_SCALE ? opt->scale : TS_SCALE, ts;

	if (opt->has & OPT_SACK_PERMITTED)
		bits |= TS_SACK;
	if (ecn)
		bits |= TS_ECN;
	ts = (ts_now & ~TS_BITS) | bits;
	return seq_gt(ts, ts_now) ? ts - (TS_BITS + 1) : ts;
}

struct tcp_conn *
tcp_cookie_accept(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
		  const struct endpoint *remote, uint64_t now_us)
{
	uint32_t profile = tcp_listen_profile(tcp, local);
	uint8_t scale = tcp_window_scale(tcp->profiles[profile].receive_buffer_bytes);
	uint32_t ts_now = (uint32_t)(now_us / 1000) + tcp_ts_offset(tcp, local, remote);
	struct tcp_options agreed = { 0 };
	struct tcp_conn *c;

	if (!read_number(tcp, seg, local, remote, scale, now_us, &agreed) ||
	    !read_timestamp(&seg->opt, ts_now, &agreed)) {
		/*
		 * Text whose beginning was lost, or came when there was no place, belongs to a peer that
		 * will begin again; a reset would end what can still be opened.
		 */
		if (seg->len == 0 && !(seg->flags & SEG_FIN))
			tcp_reset_answer(tcp, seg, local, remote, now_us);
		seg->reason = DROP_tcp_cookie_invalid;
		return NULL;
	}
	c = tcp_listen_conn(tcp, local, remote, seg->seq - 1, &agreed, now_us);
	if (!c) { /* the peer says it again when it wants something */
		seg->reason = DROP_tcp_conn_table_full;
		return NULL;
	}
	if ((agreed.has & OPT_TIMESTAMPS) && (seg->opt.ts_echo & TS_ECN) &&
	    conn_profile(tcp, c)->ecn)
		c->flags |= CONN_ECN;
	c->iss = c->snd_una = seg->ack - 1;
	c->snd_nxt = seg->ack;
	tcp->stats->counter[COUNTER_tcp_cookies_accepted]++;
	return c;
}

static bool
read_number(const struct tcp *tcp, const struct tcp_segment *seg, const struct endpoint *local,
	    const struct endpoint *remote, uint8_t scale, uint64_t now_us,
	    struct tcp_options *agreed)
{
	uint32_t number = seg->ack - 1 - tcp_isn(tcp, local, remote, 0);
	uint32_t now = period_of(now_us), age = (now - (number >> 24)) & 0xff, rest;

	if (age > 1 || age > now)
		return false;
	rest = (number - mac(tcp, local, remote, seg->seq - 1, now - age, scale)) & LOW_BITS;
	if (rest & ((1u << INDEX_SHIFT) - 1))
		return false;
	agreed->has |= OPT_MSS;
	agreed->mss = mss_table[rest >> INDEX_SHIFT];
	return true;
}

/* An echo that we can't have sent is no better than a wrong number. */
static bool
read_timestamp(const struct tcp_options *opt, uint32_t ts_now, struct tcp_options *agreed)
{
	uint32_t bits = opt->ts_echo & TS_BITS;

	if (!(opt->has & OPT_TIMESTAMPS))
		return true;
	if (ts_now - opt->ts_echo > 2 * PERIOD_US / 1000 + TS_BITS)
		return false;
	agreed->has |= OPT_TIMESTAMPS;
	agreed->ts_value = opt->ts_value;
	if (bits & TS_SACK)
		agreed->has |= OPT_SACK_PERMITTED;
	if ((bits & TS_SCALE) != TS_SCALE) {
		agreed->has |= OPT_SCALE;
		agreed->scale = (uint8_t)(bits & TS_SCALE);
	}
	return true;
}

uint16_t
tcp_cookie_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n)
{
	uint16_t got = 0;

	while (got < n && tcp->cookie_count > 0) {
		struct rte_mbuf *m = tcp_build_cookie(tcp, &tcp->cookies[tcp->cookie_head]);

		if (!m)
			break;
		burst[got++] = m;
		tcp->cookie_head = (tcp->cookie_head + 1) % TCP_COOKIES_QUEUED;
		tcp->cookie_count--;
	}
	return got;
}
