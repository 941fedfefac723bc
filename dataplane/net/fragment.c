/*
 * Reassembly: pieces of datagrams wait here until all are there. Called by ipv4.c and ipv6.c with fragments for us whose
 * headers are right; what is whole goes to ip_input once more, by way of path.c, maybe at another worker.
 *
 * RFC 791, 815, 1122 3.3.2, 8200 4.5, 5722 (overlaps, in IPv4 alike), 6946 (atomic fragments), 3168 5.3 (ECN). Left out:
 * virtual reassembly, datagrams for addresses that were ours (NET_TCP_STRAY).
 *
 * Not DPDK's rte_ip_frag. That holds at most eight pieces of a datagram, fixed when DPDK is built; sees an overlap only
 * when the sum of lengths misleads it, and forgets the datagram then, so that later pieces start it anew (RFC 5722
 * wants them dropped); takes an exact duplicate for an error; knows no limit for a source, and when full lets nobody in
 * but after a timeout; gives up without telling which piece was the first, so that no time exceeded can be sent; and
 * removes an IPv6 fragment header only directly behind the IPv6 header.
 *
 * A flood pushes out its own: beyond a source's share its oldest datagram gives way, and only beyond all that may be held the
 * oldest of all. Refusing new ones instead would let a few packets a second shut everybody out for the whole time limit.
 */
#include "dataplane/net/net_priv.h"

#define LENGTH_MAX         65535u
#define TIMEOUTS_PER_CALL  64u
#define MBUFS_SHARE        8u /* pieces may hold one of so many packet buffers */
#define REASSEMBLY_TIMEOUT 1  /* code of time exceeded, in both families */

/* What the datagrams of one source hold. */
struct share {
	struct datagram *match;  /* the one of this fragment */
	struct datagram *oldest; /* but for that one */
	uint32_t datagrams, pieces;
};

static enum drop_reason check(struct rte_mbuf *m, const struct fragment *f);
static uint32_t length_of(const struct addr *src, uint32_t header_len, uint32_t end);
static struct datagram *
admit(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us);
static struct share share_of(const struct net *net, struct rte_mbuf *m, const struct fragment *f);
static struct datagram *
make(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us);
static enum drop_reason
insert(struct net *net, struct datagram *d, struct rte_mbuf *m, const struct fragment *f);
static enum drop_reason fits(const struct datagram *d, struct rte_mbuf *m, const struct fragment *f,
			     struct rte_mbuf **before);
static bool is_same(struct rte_mbuf *held, const struct rte_mbuf *m, const struct fragment *f);
static void empty(struct net *net, struct datagram *d, enum drop_reason reason);
static void forget(struct net *net, struct datagram *d, enum drop_reason reason);
static struct net_verdict complete(struct net *net, struct datagram *d);
static struct rte_mbuf *in_one_buffer(struct net *net, struct rte_mbuf *m);
static void finish_v4(struct rte_mbuf *m, const struct datagram *d, bool congested);
static void finish_v6(struct rte_mbuf *m, const struct datagram *d, bool congested);

static inline struct datagram *
datagram_at(const struct fragments *t, uint32_t index)
{
	return index == POOL_NONE ? NULL : pool_at(&t->datagrams, index);
}

static size_t
table_bytes(void)
{
	return (sizeof(struct fragments) + 63) & ~(size_t)63;
}

size_t
fragment_memory_bytes(void)
{
	return table_bytes() + pool_memory_bytes(sizeof(struct datagram), FRAGMENT_DATAGRAMS);
}

void
fragment_init(struct net *net, void *memory)
{
	struct fragments *t = memory;

	pool_init(&t->datagrams, (uint8_t *)memory + table_bytes(), sizeof(struct datagram),
		  FRAGMENT_DATAGRAMS);
	t->oldest = t->newest = POOL_NONE;
	t->pieces = 0;
	t->pieces_max = RTE_MIN(FRAGMENT_PIECES, net->mbufs->size / MBUFS_SHARE);
	for (unsigned i = 0; i < FRAGMENT_BUCKETS; i++)
		t->bucket[i] = POOL_NONE;
	net->fragments = t;
}

void
fragment_fini(struct net *net)
{
	struct datagram *d;

	if (!net->fragments)
		return;
	while ((d = datagram_at(net->fragments, net->fragments->oldest)))
		forget(net, d, DROP_ip_fragment_timeout);
}

struct net_verdict
fragment_input(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us)
{
	enum drop_reason reason = net->fragments ? check(m, f) : DROP_ip_fragment;
	struct datagram *d;

	if (reason)
		return net_drop(reason);
	net->stats->counter[COUNTER_ip_fragments_received]++;
	d = admit(net, m, f, now_us);
	if (!d)
		return net_drop(DROP_ip_fragment_table_full);
	reason = insert(net, d, m, f);
	if (reason)
		return net_drop(reason);
	if (d->held_bytes != d->total_bytes)
		return net_next(NET_TAKEN);
	return complete(net, d);
}

/*
 * RFC 8200 4.5 wants an error about each of these, which ipv6.c sends. An empty piece could come for ever. What an IPv4
 * packet's length counts is all of it, IPv6's what stands behind its first header.
 */
static enum drop_reason
check(struct rte_mbuf *m, const struct fragment *f)
{
	uint32_t len = m->data_len - f->header_len;

	if (len == 0 || (f->more && len % 8 != 0))
		return DROP_ip_fragment_length;
	return length_of(&packet_of(m)->src, f->header_len, f->offset + len) > LENGTH_MAX
		   ? DROP_ip_fragment_too_long
		   : DROP_none;
}

/* As the IP header will count it, of a datagram that ends there. */
static uint32_t
length_of(const struct addr *src, uint32_t header_len, uint32_t end)
{
	if (addr_is_v4(src))
		return header_len + end;
	return header_len - (uint32_t)sizeof(struct ipv6_header) - FRAGMENT_HEADER_BYTES + end;
}

/* The fragment's datagram, made if it is new, with room for another piece; NULL: there is none. */
static struct datagram *
admit(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us)
{
	struct fragments *t = net->fragments;
	struct share share = share_of(net, m, f);
	struct datagram *victim;

	while (share.oldest && (share.pieces >= FRAGMENT_PIECES_SOURCE ||
				(!share.match && share.datagrams >= FRAGMENT_DATAGRAMS_SOURCE))) {
		forget(net, share.oldest, DROP_ip_fragment_table_full);
		share = share_of(net, m, f);
	}
	while (t->pieces >= t->pieces_max ||
	       (!share.match && t->datagrams.used == FRAGMENT_DATAGRAMS)) {
		victim = datagram_at(t, t->oldest);
		if (victim && victim == share.match)
			victim = datagram_at(t, victim->newer);
		if (!victim)
			return NULL;
		forget(net, victim, DROP_ip_fragment_table_full);
	}
	return share.match ? share.match : make(net, m, f, now_us);
}

/* Whom a flood is charged to: who has one IPv6 address has all of its /64. */
static struct addr
source_of(const struct addr *a)
{
	struct addr source = *a;

	if (!addr_is_v4(a))
		source.word[1] = 0;
	return source;
}

/* Datagrams of one source share a bucket, so that its share is counted where its datagram is looked for. */
static uint32_t *
bucket_of(const struct net *net, const struct addr *source)
{
	uint32_t hash = addr_hash(source, net->hash_key[0], net->hash_key[1]);

	return &net->fragments->bucket[hash & (FRAGMENT_BUCKETS - 1)];
}

static struct share
share_of(const struct net *net, struct rte_mbuf *m, const struct fragment *f)
{
	const struct packet *p = packet_of(m);
	struct addr source = source_of(&p->src);
	struct share share = { 0 };
	struct datagram *d = datagram_at(net->fragments, *bucket_of(net, &source));

	for (; d; d = datagram_at(net->fragments, d->bucket_next)) {
		struct addr other = source_of(&d->src);

		if (!addr_equal(&other, &source))
			continue;
		share.datagrams++;
		share.pieces += d->pieces;
		if (d->id == f->id && d->protocol == f->protocol && addr_equal(&d->src, &p->src) &&
		    addr_equal(&d->dst, &p->dst))
			share.match = d;
		else if (!share.oldest || d->due_us <= share.oldest->due_us)
			share.oldest = d;
	}
	return share;
}

static struct datagram *
make(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us)
{
	struct fragments *t = net->fragments;
	uint32_t index = pool_get(&t->datagrams), *bucket;
	struct datagram *d = datagram_at(t, index);
	struct addr source = source_of(&packet_of(m)->src);

	ASSERT(d);
	d->src = packet_of(m)->src;
	d->dst = packet_of(m)->dst;
	d->id = f->id;
	d->protocol = f->protocol;
	d->due_us = now_us + FRAGMENT_TIMEOUT_US;
	bucket = bucket_of(net, &source);
	d->bucket_next = *bucket;
	*bucket = index;
	d->older = t->newest;
	d->newer = POOL_NONE;
	if (t->newest == POOL_NONE)
		t->oldest = index;
	else
		datagram_at(t, t->newest)->newer = index;
	t->newest = index;
	return d;
}

/* Takes m if DROP_none. */
static enum drop_reason
insert(struct net *net, struct datagram *d, struct rte_mbuf *m, const struct fragment *f)
{
	uint16_t len = (uint16_t)(m->data_len - f->header_len);
	enum drop_reason reason;
	struct rte_mbuf *before;

	if (d->refused)
		return DROP_ip_fragment_overlap;
	reason = fits(d, m, f, &before);
	if (reason == DROP_ip_fragment_duplicate)
		return reason;
	if (reason) {
		empty(net, d, reason);
		d->refused = true;
		return reason;
	}
	d->ecn_seen |= (uint8_t)(1 << (packet_of(m)->traffic_class & ECN_MASK));
	if (f->offset == 0) {
		d->header_len = f->header_len;
		d->next_header_at = f->next_header_at;
	} else {
		rte_pktmbuf_adj(m, f->header_len);
	}
	packet_of(m)->fragment_at = f->offset;
	packet_of(m)->fragment_len = len;
	m->next = before ? before->next : d->first;
	if (before)
		before->next = m;
	else
		d->first = m;
	if (!m->next)
		d->last = m;
	if (!f->more)
		d->total_bytes = f->offset + len;
	d->held_bytes += len;
	d->pieces++;
	net->fragments->pieces++;
	return DROP_none;
}

/*
 * Whether the piece fills a hole: *before is the one in front of it then. One that came twice is no overlap (RFC 8200
 * 4.5), but it has to be the same to the last byte. Mostly pieces come in order.
 */
static enum drop_reason
fits(const struct datagram *d, struct rte_mbuf *m, const struct fragment *f,
     struct rte_mbuf **before)
{
	uint32_t start = f->offset, end = start + m->data_len - f->header_len, top;
	struct rte_mbuf *after = d->first;

	*before = NULL;
	if (d->last && packet_of(d->last)->fragment_at < start) {
		*before = d->last;
		after = NULL;
	}
	for (; after && packet_of(after)->fragment_at < start; after = after->next)
		*before = after;
	if (after && is_same(after, m, f) && f->more == (d->total_bytes != end))
		return DROP_ip_fragment_duplicate;
	if (d->pieces == FRAGMENT_PIECES_DATAGRAM)
		return DROP_ip_fragment_too_many;
	top = d->last ? packet_of(d->last)->fragment_at + packet_of(d->last)->fragment_len : 0u;
	if (d->total_bytes ? !f->more || end > d->total_bytes : !f->more && end < top)
		return DROP_ip_fragment_overlap; /* two ends, or one before what is there */
	if (*before && packet_of(*before)->fragment_at + packet_of(*before)->fragment_len > start)
		return DROP_ip_fragment_overlap;
	return after && packet_of(after)->fragment_at < end ? DROP_ip_fragment_overlap : DROP_none;
}

static bool
is_same(struct rte_mbuf *held, const struct rte_mbuf *m, const struct fragment *f)
{
	const struct packet *p = packet_of(held);
	uint32_t len = m->data_len - f->header_len;

	if (p->fragment_at != f->offset || p->fragment_len != len)
		return false;
	return memcmp(rte_pktmbuf_mtod_offset(held, const uint8_t *, held->data_len - len),
		      rte_pktmbuf_mtod_offset(m, const uint8_t *, f->header_len), len) == 0;
}

/* Frees the pieces, each counted. */
static void
empty(struct net *net, struct datagram *d, enum drop_reason reason)
{
	struct rte_mbuf *m, *next;

	for (m = d->first; m; m = next) {
		next = m->next;
		m->next = NULL;
		net_discard(net, m, reason);
	}
	net->fragments->pieces -= d->pieces;
	d->pieces = 0;
	d->held_bytes = 0;
	d->first = d->last = NULL;
}

static void
forget(struct net *net, struct datagram *d, enum drop_reason reason)
{
	struct fragments *t = net->fragments;
	struct datagram *older = datagram_at(t, d->older), *newer = datagram_at(t, d->newer);
	struct addr source = source_of(&d->src);
	uint32_t *link = bucket_of(net, &source), index = pool_index(&t->datagrams, d);

	empty(net, d, reason);
	while (*link != index)
		link = &datagram_at(t, *link)->bucket_next;
	*link = d->bucket_next;
	*(older ? &older->newer : &t->oldest) = d->newer;
	*(newer ? &newer->older : &t->newest) = d->older;
	pool_put(&t->datagrams, index);
}

/*
 * RFC 3168 5.3: a mark on one piece is a mark on all; next to a piece whose sender does not know ECN it is a mistake. The
 * first piece's headers, which are the datagram's, may be longer than those that check() has seen. The last piece is among
 * what goes.
 */
static struct net_verdict
complete(struct net *net, struct datagram *d)
{
	bool congested = d->ecn_seen & 1 << ECN_CE;
	struct rte_mbuf *whole = d->first;
	enum drop_reason reason = DROP_none;

	if (length_of(&d->src, d->header_len, d->total_bytes) > LENGTH_MAX)
		reason = DROP_ip_fragment_too_long;
	else if (congested && d->ecn_seen & 1 << ECN_NONE)
		reason = DROP_ip_fragment_ecn;
	if (reason) {
		forget(net, d, reason);
		return net_next(NET_TAKEN);
	}
	whole->nb_segs = d->pieces;
	whole->pkt_len = d->header_len + d->total_bytes;
	if (addr_is_v4(&d->src))
		finish_v4(whole, d, congested);
	else
		finish_v6(whole, d, congested);
	net->fragments->pieces -= d->pieces;
	d->first = d->last = NULL;
	d->pieces = 0;
	forget(net, d, DROP_none);
	packet_of(whole)->in_fragments = true;
	net->whole = in_one_buffer(net, whole);
	if (!net->whole) {
		net_discard(net, whole, DROP_mbuf_empty);
		return net_next(NET_TAKEN);
	}
	net->whole->ol_flags &= ~(uint64_t)RTE_MBUF_F_RX_L4_CKSUM_MASK; /* of a piece */
	net->stats->counter[COUNTER_ip_datagrams_reassembled]++;
	return net_next(NET_REASSEMBLED);
}

/* A copy in a fresh buffer if it fits into one, else m itself; takes m unless NULL. */
static struct rte_mbuf *
in_one_buffer(struct net *net, struct rte_mbuf *m)
{
	uint32_t room = rte_pktmbuf_data_room_size(net->mbufs) - (uint32_t)RTE_PKTMBUF_HEADROOM;
	struct rte_mbuf *copy;
	char *to;

	if (m->pkt_len > room)
		return m;
	copy = rte_pktmbuf_alloc(net->mbufs);
	if (!copy)
		return NULL;
	to = rte_pktmbuf_append(copy, (uint16_t)m->pkt_len);
	ASSERT(to);
	for (const struct rte_mbuf *part = m; part; to += part->data_len, part = part->next)
		memcpy(to, rte_pktmbuf_mtod(part, const void *), part->data_len);
	*packet_of(copy) = *packet_of(m);
	rte_pktmbuf_free(m);
	return copy;
}

static void
finish_v4(struct rte_mbuf *m, const struct datagram *d, bool congested)
{
	struct ipv4_header *ip = rte_pktmbuf_mtod(m, struct ipv4_header *);

	ip->total_len = be16_from((uint16_t)m->pkt_len);
	ip->fragment = be16_from(0);
	if (congested)
		ip->traffic_class |= ECN_CE;
	ip->checksum.raw = 0;
	ip->checksum.raw = checksum_finish(checksum_add(0, ip, d->header_len));
}

/* The fragment header goes, and with it its name in the header before it. */
static void
remove_fragment_header(struct rte_mbuf *m, uint32_t header_len, uint32_t next_header_at)
{
	uint8_t *at = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t before = header_len - FRAGMENT_HEADER_BYTES;

	at[next_header_at] = at[before];
	memmove(at + FRAGMENT_HEADER_BYTES, at, before);
	rte_pktmbuf_adj(m, FRAGMENT_HEADER_BYTES);
}

static void
finish_v6(struct rte_mbuf *m, const struct datagram *d, bool congested)
{
	struct ipv6_header *ip;

	remove_fragment_header(m, d->header_len, d->next_header_at);
	ip = rte_pktmbuf_mtod(m, struct ipv6_header *);
	ip->payload_len = be16_from((uint16_t)(m->pkt_len - sizeof *ip));
	if (congested)
		ip->version_class_flow = be32_from(be32_to(ip->version_class_flow) | ECN_CE << 20);
}

struct net_verdict
fragment_atomic(struct net *net, struct rte_mbuf *m, const struct fragment *f)
{
	struct ipv6_header *ip;

	remove_fragment_header(m, f->header_len, f->next_header_at);
	ip = rte_pktmbuf_mtod(m, struct ipv6_header *);
	ip->payload_len = be16_from((uint16_t)(m->pkt_len - sizeof *ip));
	packet_of(m)->in_fragments = true;
	net->whole = m;
	return net_next(NET_REASSEMBLED);
}

struct rte_mbuf *
net_reassembled(struct net *net)
{
	struct rte_mbuf *whole = net->whole;

	ASSERT(whole);
	net->whole = NULL;
	return whole;
}

/* RFC 792, RFC 4443 3.3: the sender hears of it if the first piece is there, which says what it was about. */
void
fragment_timers(struct net *net, uint64_t now_us)
{
	struct fragments *t = net->fragments;

	for (unsigned i = 0; t && i < TIMEOUTS_PER_CALL; i++) {
		struct datagram *d = datagram_at(t, t->oldest);

		if (!d || d->due_us > now_us)
			return;
		if (d->first && packet_of(d->first)->fragment_at == 0)
			icmp_send_error(net, d->first,
					addr_is_v4(&d->src) ? ICMP_TIME_EXCEEDED
							    : ICMP6_TIME_EXCEEDED,
					REASSEMBLY_TIMEOUT, 0, now_us);
		forget(net, d, DROP_ip_fragment_timeout);
	}
}

uint64_t
fragment_next_us(const struct net *net)
{
	const struct datagram *d;

	if (!net->fragments)
		return UINT64_MAX;
	d = datagram_at(net->fragments, net->fragments->oldest);
	return d ? d->due_us : UINT64_MAX;
}
