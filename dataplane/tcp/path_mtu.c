/*
 * How large packets to a peer may be: what both ends allow, or what the path between them was found to carry. It is
 * found in two ways:
 *
 *   told       a router says that a packet was too big (RFC 1191, 8201). That is believed only about a segment that is
 *              under way and would not have fitted (RFC 5927 7), and never below 552 or 1,280 bytes
 *   searched   nobody says anything, but a segment gets lost again and again (a black hole, RFC 2923): after its second
 *              timeout segments are small, and once they arrive larger ones are tried
 *
 * A search (RFC 4821 7, 8899 5.3) goes from what is known to arrive towards what is not known to be lost. A probe is a
 * segment of new text that is larger than the others; its loss is no congestion (RFC 4821 7.6.2), and it is sent again in
 * pieces. The first one has the size from before, so that a path that was merely down for a while costs one probe. What
 * is not full after ten minutes is tried again (RFC 1191 6.3, 8201 5.3), by the same probes: no traffic depends on the answer.
 *
 * What is found is remembered for the address, for connections to come. Only from an established connection does
 * anything get in there, so that strangers can't fill it; what a router said is forgotten after ten minutes, what was found by
 * losses is the beginning of the next connection's search.
 *
 * Connections whose path carries what the ends allow pay a compare for a visit of out.c and one for an acknowledgement.
 * Left out: searching without SACK, which would have losses found too late (such a connection stays small); growing beyond what was
 * agreed on in the handshake.
 */
#include "dataplane/tcp/tcp_priv.h"

#define IPV4_BYTES  20u
#define IPV6_BYTES  40u
#define MTU_MIN_V4  552u /* of IPv4 paths with less than that none is left; who says so means harm */
#define MTU_MIN_V6  1280u /* RFC 8200 5 */
#define MTU_BASE    1280u /* what is taken to pass everywhere (RFC 8899 5.1.2, 4821 7.2) */
#define BASE_AFTER  2u    /* timeouts in a row: segments fall to MTU_BASE */
#define FLOOR_AFTER 4u    /* and from there to MTU_MIN_V4 */
#define STEP_BYTES  16u   /* a search need not be more exact */
#define AGE_S       600u  /* RFC 1191 6.3, 8201 5.3 */
#define SECOND_US   1000000u

static struct tcp_sent *record_at(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq);
static uint32_t below_plateau(uint32_t mtu_bytes);
static void probe_refused(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t mss,
			  uint64_t now_us);
static bool is_probe(const struct tcp_conn *c, const struct tcp_sent *s);
static void shrink(struct tcp *tcp, struct tcp_conn *c, uint32_t mss);
static void search(struct tcp_conn *c, uint32_t mss_high);
static void probe_failed(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static void settle(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static void found(struct tcp *tcp, struct tcp_conn *c, bool told, uint64_t now_us);
static void remember(struct tcp *tcp, const struct tcp_conn *c, bool told, uint32_t now_s);
static void forget(struct tcp *tcp, struct tcp_path *path);
static struct tcp_path *recall(struct tcp *tcp, const struct addr *remote);

static uint32_t
seconds(uint64_t now_us)
{
	return (uint32_t)(now_us / SECOND_US);
}

/* Of each segment with text. */
static uint32_t
headers_of(const struct tcp_conn *c)
{
	return (addr_is_v4(&c->remote.addr) ? IPV4_BYTES : IPV6_BYTES) + TCP_HEADER_BYTES +
	       (c->flags & CONN_TIMESTAMPS ? TCP_TS_BYTES : 0);
}

static uint32_t
mss_of(const struct tcp_conn *c, uint32_t mtu_bytes)
{
	return mtu_bytes - headers_of(c);
}

uint32_t
tcp_path_mtu(const struct tcp_conn *c, uint32_t mss)
{
	return mss + headers_of(c);
}

/* ---- told ---- */

/* A segment that begins at, or holds, sequence is too big for the path, which carries mtu_bytes; 0: an old router that does not say. */
enum drop_reason
tcp_path_too_big(struct tcp *tcp, struct tcp_conn *c, uint32_t sequence, uint32_t mtu_bytes,
		 uint64_t now_us)
{
	bool v4 = addr_is_v4(&c->remote.addr);
	struct tcp_sent *s = record_at(tcp, c, sequence);
	uint32_t len, mss;

	if (!s || (s->flags & SENT_SACKED))
		return DROP_icmp_error_unmatched;
	if (!v4 && mtu_bytes < MTU_MIN_V6)
		return DROP_icmp_mtu_too_small;
	len = s->end - s->start - (s->flags & SENT_FIN ? 1 : 0);
	if (len > tcp_conn_mss_max(tcp, c)) /* the port has made several packets of it */
		len = c->mss;
	if (mtu_bytes == 0)
		mtu_bytes = below_plateau(len + headers_of(c));
	mss = mss_of(c, max_u32(mtu_bytes, v4 ? MTU_MIN_V4 : MTU_MIN_V6));
	if (len <= mss)
		return DROP_icmp_mtu_not_smaller;
	if (c->path == PATH_PROBING && is_probe(c, s) && mss >= c->mss) {
		probe_refused(tcp, c, s, mss, now_us);
		return DROP_none;
	}
	if (mss >= c->mss)
		return DROP_icmp_mtu_not_smaller;
	if (c->path == PATH_PROBING)
		probe_failed(tcp, c, now_us);
	tcp->stats->counter[COUNTER_tcp_mtu_reductions]++;
	shrink(tcp, c, mss);
	found(tcp, c, true, now_us);
	return DROP_none;
}

/* The probe s is too big, a router says, which has told how much would fit: that is the next probe, if it is more than is known. */
static void
probe_refused(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t mss,
	      uint64_t now_us)
{
	tcp_sent_lost(tcp, c, s);
	c->flags |= CONN_RESEND_DUE;
	probe_failed(tcp, c, now_us);
	if (mss > c->mss)
		search(c, mss);
	else
		found(tcp, c, true, now_us);
	tcp_output_want(tcp, c);
}

/* The records are those of what is under way: as many as a window has segments. */
static struct tcp_sent *
record_at(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq)
{
	for (uint32_t i = c->flight->sent_first; i != POOL_NONE; i = sent_at(tcp, i)->next)
		if (seq_lt(seq, sent_at(tcp, i)->end))
			return sent_at(tcp, i);
	return NULL;
}

/* RFC 1191 7, table 7-1. */
static uint32_t
below_plateau(uint32_t mtu_bytes)
{
	static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508 };
	unsigned i = 0;

	while (i + 1 < ARRAY_SIZE(plateaus) && plateaus[i] >= mtu_bytes)
		i++;
	return plateaus[i];
}

void
tcp_path_port_shrunk(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t mss = tcp_conn_mss_max(tcp, c);

	if (c->state >= TCP_ESTABLISHED && mss < c->mss)
		shrink(tcp, c, mss);
}

/*
 * RFC 1191 6.4: what was too big is sent again at once in smaller pieces; the congestion window is not to blame.
 */
static void
shrink(struct tcp *tcp, struct tcp_conn *c, uint32_t mss)
{
	uint32_t next;

	c->mss = (uint16_t)mss;
	for (uint32_t i = c->flight->sent_oldest; i != POOL_NONE; i = next) {
		struct tcp_sent *s = sent_at(tcp, i);

		next = s->newer;
		if (s->end - s->start > mss)
			tcp_sent_lost(tcp, c, s);
	}
	if (c->flight->lost)
		c->flags |= CONN_RESEND_DUE;
	tcp_output_want(tcp, c);
}

/* ---- a black hole ---- */

/*
 * A timeout that is counted already, before what is lost is marked. An earlier connection may have found out what this one
 * suffers from. Otherwise the path may be down altogether, which the first probe will show.
 */
void
tcp_path_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	const struct tcp_sent *first = sent_at(tcp, c->flight->sent_first);
	uint32_t len = first->end - first->start, mtu_bytes = MTU_BASE, mss = c->mss;
	const struct tcp_path *path = recall(tcp, &c->remote.addr);

	if (c->path == PATH_PROBING)
		probe_failed(tcp, c, now_us);
	if (path && len > mss_of(c, path->mtu_bytes) && c->mss > mss_of(c, path->mtu_bytes)) {
		tcp->stats->counter[COUNTER_tcp_black_holes]++;
		c->mss = (uint16_t)mss_of(c, path->mtu_bytes);
		c->path = PATH_FOUND;
		c->path_due_s = path->due_s;
		return;
	}
	if (c->retries >= FLOOR_AFTER && addr_is_v4(&c->remote.addr) && c->path == PATH_SEARCHING)
		mtu_bytes = MTU_MIN_V4;
	if (c->retries < BASE_AFTER || len <= mss_of(c, mtu_bytes) || mss <= mss_of(c, mtu_bytes))
		return;
	tcp->stats->counter[COUNTER_tcp_black_holes]++;
	c->mss = (uint16_t)mss_of(c, mtu_bytes);
	search(c, c->path == PATH_SEARCHING ? c->mss_high : mss);
}

/* ---- the search ---- */

/* Upwards from c->mss; the first probe has this size. */
static void
search(struct tcp_conn *c, uint32_t mss_high)
{
	c->path = PATH_SEARCHING;
	c->mss_high = (uint16_t)mss_high;
	c->path_try_high = true;
}

/* RFC 4821 7.4: nothing is lost, and enough is queued for a segment behind it that tells of its loss. */
uint32_t
tcp_path_probe_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint32_t len;

	if (c->path == PATH_FOUND && seconds(now_us) >= c->path_due_s) {
		search(c, tcp_conn_mss_max(tcp, c));
		if (c->mss_high <= c->mss)
			c->path = PATH_FULL;
	}
	if (c->path != PATH_SEARCHING || !(c->flags & CONN_SACK) || c->recovery != RECOVERY_NONE ||
	    c->flight->lost || (c->flags & CONN_PROBE_OUT))
		return 0;
	len = c->path_try_high ? c->mss_high : c->mss + (c->mss_high - c->mss + 1u) / 2;
	return conn_unsent(c) > len && tcp_persist_usable(c) > len ? len : 0;
}

void
tcp_path_probe_sent(struct tcp *tcp, struct tcp_conn *c, uint32_t len)
{
	tcp->stats->counter[COUNTER_tcp_mtu_probes]++;
	c->path = PATH_PROBING;
	c->flight->path_end = c->snd_nxt;
	c->flight->path_start = c->snd_nxt - len;
}

static bool
is_probe(const struct tcp_conn *c, const struct tcp_sent *s)
{
	return seq_geq(s->start, c->flight->path_start) && seq_leq(s->end, c->flight->path_end);
}

/* A probe is out, and something was acknowledged. */
void
tcp_path_acked(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (seq_lt(c->snd_una, c->flight->path_end))
		return;
	c->mss = (uint16_t)(c->flight->path_end - c->flight->path_start);
	c->cwnd = max_u32(c->cwnd, c->mss);
	c->ssthresh = max_u32(c->ssthresh, 2u * c->mss);
	settle(tcp, c, now_us);
}

/* A probe is out. Whether s, which is lost or is to be sent again, belongs to it: then the probe has failed. */
bool
tcp_path_probe_lost(struct tcp *tcp, struct tcp_conn *c, const struct tcp_sent *s, uint64_t now_us)
{
	if (!is_probe(c, s))
		return false;
	probe_failed(tcp, c, now_us);
	return true;
}

static void
probe_failed(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	tcp->stats->counter[COUNTER_tcp_mtu_probes_lost]++;
	c->mss_high = (uint16_t)(c->flight->path_end - c->flight->path_start - 1);
	c->path_try_high = false;
	settle(tcp, c, now_us);
}

/* The last probe is answered: what next? */
static void
settle(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	struct tcp_path *path;

	c->path = PATH_SEARCHING;
	if (c->mss >= tcp_conn_mss_max(tcp, c)) {
		c->path = PATH_FULL;
		path = recall(tcp, &c->remote.addr);
		if (path)
			forget(tcp, path);
	} else if (c->mss + (c->path_try_high ? 1u : STEP_BYTES) > c->mss_high) {
		found(tcp, c, false, now_us);
	}
}

/* ---- what was found ---- */

static void
found(struct tcp *tcp, struct tcp_conn *c, bool told, uint64_t now_us)
{
	c->path = PATH_FOUND;
	c->path_due_s = seconds(now_us) + AGE_S;
	remember(tcp, c, told, seconds(now_us));
}

/* The places where an address may be remembered. */
static struct tcp_path *
places(struct tcp *tcp, const struct addr *remote)
{
	uint64_t hash = siphash(&tcp->path_key, remote, sizeof *remote);

	return &tcp->paths[hash % (TCP_PATHS / TCP_PATH_WAYS) * TCP_PATH_WAYS];
}

static struct tcp_path *
recall(struct tcp *tcp, const struct addr *remote)
{
	struct tcp_path *path = places(tcp, remote);

	for (unsigned i = 0; i < TCP_PATH_WAYS; i++)
		if (path[i].mtu_bytes && addr_equal(&path[i].remote, remote))
			return &path[i];
	return NULL;
}

/* In the place that was not used for the longest time. */
static void
remember(struct tcp *tcp, const struct tcp_conn *c, bool told, uint32_t now_s)
{
	struct tcp_path *path = recall(tcp, &c->remote.addr), *any;

	if (!path) {
		path = any = places(tcp, &c->remote.addr);
		for (unsigned i = 1; i < TCP_PATH_WAYS && path->mtu_bytes; i++)
			if (!any[i].mtu_bytes || any[i].used_s < path->used_s)
				path = &any[i];
		if (!path->mtu_bytes && ++tcp->paths_used > tcp->paths_used_max)
			tcp->paths_used_max = tcp->paths_used;
	}
	*path = (struct tcp_path){
		.remote = c->remote.addr,
		.due_s = c->path_due_s,
		.used_s = now_s,
		.mtu_bytes = (uint16_t)tcp_path_mtu(c, c->mss),
		.told = told,
	};
}

static void
forget(struct tcp *tcp, struct tcp_path *path)
{
	*path = (struct tcp_path){ 0 };
	tcp->paths_used--;
}

void
tcp_path_start(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	struct tcp_path *path = tcp->paths_used ? recall(tcp, &c->remote.addr) : NULL;

	if (!path)
		return;
	if (path->told && seconds(now_us) >= path->due_s) {
		forget(tcp, path);
		return;
	}
	path->used_s = seconds(now_us);
	if (mss_of(c, path->mtu_bytes) >= c->mss)
		return;
	c->mss = (uint16_t)mss_of(c, path->mtu_bytes);
	c->path = PATH_FOUND;
	c->path_due_s = path->due_s;
}
