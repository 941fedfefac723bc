/*
 * Datagrams in and out of libfairlead-tcp.so: what dataplane/net does for the product, without neighbours, routes and own
 * addresses. RFC 791, 8200, 1071; ICMP errors by RFC 792, 1191, 4443.
 *
 * Left out: IP options and extension headers (dropped with the product's reason), fragments, answering to anything but TCP.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_mempool.h>

#include "test/driver/stack.h"

#define IPV4_BYTES     20u
#define IPV6_BYTES     40u
#define ICMP_BYTES     8u
#define HOP_LIMIT      64u
#define TIMERS_AT_ONCE 256u
#define DONT_FRAGMENT  0x40u
#define FRAGMENT_BITS  0x3fffu
#define KIND_NONE      (-1)

static enum drop_reason ipv4_in(struct rte_mbuf *m);
static enum drop_reason ipv6_in(struct rte_mbuf *m);
static enum drop_reason error_in(struct fairlead_tcp *t, struct rte_mbuf *m);
static bool quotes_us(const uint8_t *ip, bool v6);
static int error_kind(unsigned type, unsigned code);
static int error6_kind(unsigned type, unsigned code);
static void read_quote(const uint8_t *ip, bool v6, struct packet *about);
static void header_out(struct rte_mbuf *m);

static uint32_t
get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t
get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The product's worker tells TCP how full the pool is once a turn. */
static void
tell_pressure(struct fairlead_tcp *t)
{
	tcp_set_pressure(t->tcp, rte_mempool_in_use_count(t->mbufs) * 100 / t->mbufs->size);
}

int
fairlead_tcp_packet_in(struct fairlead_tcp *t, const void *datagram, size_t len_bytes,
		       uint64_t now_us)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(t->mbufs);
	enum drop_reason reason = DROP_ip_truncated;
	const uint8_t *at;

	if (!m)
		return -ENOBUFS;
	driver_now(t, now_us);
	tell_pressure(t);
	memset(packet_of(m), 0, PACKET_PRIVATE_BYTES);
	if (len_bytes >= 1 && len_bytes <= rte_pktmbuf_tailroom(m)) {
		memcpy(rte_pktmbuf_append(m, (uint16_t)len_bytes), datagram, len_bytes);
		at = rte_pktmbuf_mtod(m, const uint8_t *);
		reason = at[0] >> 4 == 6 ? ipv6_in(m) : ipv4_in(m);
	}
	if (reason == DROP_none && packet_of(m)->protocol != IPPROTO_TCP)
		reason = error_in(t, m);
	else if (reason == DROP_none)
		reason = tcp_input(t->tcp, m, t->now_us);
	if (reason != DROP_none) {
		t->stats->drop[reason]++;
		rte_pktmbuf_free(m);
	}
	driver_news(t);
	return (int)reason;
}

static enum drop_reason
ipv4_in(struct rte_mbuf *m)
{
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	struct packet *p = packet_of(m);
	uint32_t header, total;
	be32 address;

	if (m->data_len < IPV4_BYTES)
		return DROP_ip_truncated;
	header = (at[0] & 15u) * 4;
	total = get16(at + 2);
	if (at[0] >> 4 != 4 || header < IPV4_BYTES || header > total)
		return DROP_ip_header_length;
	if (total > m->data_len)
		return DROP_ip_truncated;
	if (checksum_finish(checksum_add(0, at, header)) != 0)
		return DROP_ip_checksum;
	if (header > IPV4_BYTES)
		return DROP_ip_options;
	if (get16(at + 6) & FRAGMENT_BITS)
		return DROP_ip_fragment;
	memcpy(&address, at + 12, 4);
	p->src = addr_from_v4(address);
	memcpy(&address, at + 16, 4);
	p->dst = addr_from_v4(address);
	p->traffic_class = at[1];
	p->hop_limit = at[8];
	p->protocol = at[9];
	if (addr_is_multicast(&p->src) || addr_is_unspecified(&p->src))
		return DROP_ip_source_invalid;
	if (addr_is_multicast(&p->dst))
		return DROP_ip_not_for_us;
	if (p->protocol != IPPROTO_TCP && p->protocol != IPPROTO_ICMP)
		return DROP_ip_protocol_unknown;
	rte_pktmbuf_trim(m, (uint16_t)(m->data_len - total));
	rte_pktmbuf_adj(m, IPV4_BYTES);
	return DROP_none;
}

static enum drop_reason
ipv6_in(struct rte_mbuf *m)
{
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	struct packet *p = packet_of(m);
	uint32_t total;

	if (m->data_len < IPV6_BYTES)
		return DROP_ip_truncated;
	total = IPV6_BYTES + get16(at + 4);
	if (total > m->data_len)
		return DROP_ip_truncated;
	p->src = addr_from_v6(at + 8);
	p->dst = addr_from_v6(at + 24);
	p->traffic_class = (uint8_t)(get16(at) >> 4);
	p->protocol = at[6];
	p->hop_limit = at[7];
	if (addr_is_multicast(&p->src) || addr_is_unspecified(&p->src) || addr_is_v4(&p->src))
		return DROP_ip_source_invalid;
	if (addr_is_multicast(&p->dst) || addr_is_v4(&p->dst))
		return DROP_ip_not_for_us;
	if (p->protocol == IPPROTO_FRAGMENT)
		return DROP_ip_fragment;
	if (p->protocol != IPPROTO_TCP && p->protocol != IPPROTO_ICMPV6)
		return DROP_ip_protocol_unknown;
	rte_pktmbuf_trim(m, (uint16_t)(m->data_len - total));
	rte_pktmbuf_adj(m, IPV6_BYTES);
	return DROP_none;
}

/* m starts at the ICMP header and quotes a datagram of ours. */
static enum drop_reason
error_in(struct fairlead_tcp *t, struct rte_mbuf *m)
{
	const uint8_t *icmp = rte_pktmbuf_mtod(m, const uint8_t *);
	bool v6 = packet_of(m)->protocol == IPPROTO_ICMPV6;
	uint32_t ip_bytes = v6 ? IPV6_BYTES : IPV4_BYTES, sum = 0;
	struct packet about = { 0 };
	enum drop_reason reason;
	int kind;

	if (m->data_len < ICMP_BYTES + ip_bytes + 8)
		return DROP_icmp_truncated;
	if (v6)
		sum = checksum_pseudo(&packet_of(m)->src, &packet_of(m)->dst, IPPROTO_ICMPV6,
				      m->data_len);
	if (checksum_finish(checksum_add(sum, icmp, m->data_len)) != 0)
		return DROP_icmp_checksum;
	kind = v6 ? error6_kind(icmp[0], icmp[1]) : error_kind(icmp[0], icmp[1]);
	if (kind == KIND_NONE)
		return DROP_icmp_type_unknown;
	if (!quotes_us(icmp + ICMP_BYTES, v6))
		return DROP_icmp_error_unmatched;
	about.icmp_kind = (uint8_t)kind;
	about.icmp_mtu = v6 ? get32(icmp + 4) : get16(icmp + 6);
	read_quote(icmp + ICMP_BYTES, v6, &about);
	*packet_of(m) = about;
	reason = tcp_icmp_error(t->tcp, m, t->now_us);
	if (reason == DROP_none)
		rte_pktmbuf_free(m);
	return reason;
}

/* As dataplane/net has it: RFC 1122 4.2.3.9 calls unreachable protocols and ports hard errors. */
static int
error_kind(unsigned type, unsigned code)
{
	switch (type) {
	case 3:
		if (code == 4)
			return ICMP_KIND_TOO_BIG;
		return code == 2 || code == 3 ? ICMP_KIND_UNREACHABLE_HARD
					      : ICMP_KIND_UNREACHABLE_SOFT;
	case 11:
		return ICMP_KIND_TIME_EXCEEDED;
	case 12:
		return ICMP_KIND_UNREACHABLE_SOFT;
	default:
		return KIND_NONE;
	}
}

/* RFC 4443 3.1 to 3.4: port; next header. */
static int
error6_kind(unsigned type, unsigned code)
{
	switch (type) {
	case 1:
		return code == 4 ? ICMP_KIND_UNREACHABLE_HARD : ICMP_KIND_UNREACHABLE_SOFT;
	case 2:
		return ICMP_KIND_TOO_BIG;
	case 3:
		return ICMP_KIND_TIME_EXCEEDED;
	case 4:
		return code == 1 ? ICMP_KIND_UNREACHABLE_HARD : ICMP_KIND_UNREACHABLE_SOFT;
	default:
		return KIND_NONE;
	}
}

/* We send no options, no fragments and nothing but TCP. */
static bool
quotes_us(const uint8_t *ip, bool v6)
{
	if (v6)
		return ip[0] >> 4 == 6 && ip[6] == IPPROTO_TCP;
	return ip[0] == 0x45 && ip[9] == IPPROTO_TCP && !(get16(ip + 6) & FRAGMENT_BITS);
}

static void
read_quote(const uint8_t *ip, bool v6, struct packet *about)
{
	const uint8_t *tcp = ip + (v6 ? IPV6_BYTES : IPV4_BYTES);
	be32 address;

	about->protocol = IPPROTO_TCP;
	if (v6) {
		about->src = addr_from_v6(ip + 8);
		about->dst = addr_from_v6(ip + 24);
	} else {
		memcpy(&address, ip + 12, 4);
		about->src = addr_from_v4(address);
		memcpy(&address, ip + 16, 4);
		about->dst = addr_from_v4(address);
	}
	about->src_port = (uint16_t)get16(tcp);
	about->dst_port = (uint16_t)get16(tcp + 2);
	about->icmp_sequence = get32(tcp + 4);
}

/* ---- out ---- */

long
fairlead_tcp_packet_out(struct fairlead_tcp *t, void *datagram, size_t size_bytes, uint64_t now_us)
{
	struct rte_mbuf *m = t->next_out;
	long len;

	driver_now(t, now_us);
	if (!m) {
		tell_pressure(t);
		if (tcp_output(t->tcp, &m, 1, t->now_us) == 0)
			return 0;
		checksum_complete(m);
		header_out(m);
	}
	t->next_out = m;
	if (m->data_len > size_bytes)
		return -EMSGSIZE;
	memcpy(datagram, rte_pktmbuf_mtod(m, const void *), m->data_len);
	len = m->data_len;
	rte_pktmbuf_free(m);
	t->next_out = NULL;
	driver_news(t);
	return len;
}

static void
header_out(struct rte_mbuf *m)
{
	const struct packet *p = packet_of(m);
	bool v6 = !addr_is_v4(&p->dst);
	uint32_t len = m->data_len, bytes = v6 ? IPV6_BYTES : IPV4_BYTES;
	uint8_t *at = (uint8_t *)rte_pktmbuf_prepend(m, (uint16_t)bytes);
	uint8_t hops = p->hop_limit ? p->hop_limit : HOP_LIMIT;
	uint16_t sum;

	ASSERT(at);
	memset(at, 0, bytes);
	if (v6) {
		put16(at, 0x6000u | (uint32_t)p->traffic_class << 4);
		put16(at + 4, len);
		at[6] = p->protocol;
		at[7] = hops;
		memcpy(at + 8, p->src.byte, 16);
		memcpy(at + 24, p->dst.byte, 16);
		return;
	}
	at[0] = 0x45;
	at[1] = p->traffic_class;
	put16(at + 2, IPV4_BYTES + len);
	at[6] = DONT_FRAGMENT;
	at[8] = hops;
	at[9] = p->protocol;
	memcpy(at + 12, p->src.byte + 12, 4);
	memcpy(at + 16, p->dst.byte + 12, 4);
	sum = checksum_finish(checksum_add(0, at, IPV4_BYTES));
	memcpy(at + 10, &sum, sizeof sum);
}

/* ---- time ---- */

void
fairlead_tcp_advance(struct fairlead_tcp *t, uint64_t now_us)
{
	driver_now(t, now_us);
	tell_pressure(t);
	do
		tcp_timers(t->tcp, TIMERS_AT_ONCE, t->now_us);
	while (tcp_next_us(t->tcp) < t->now_us);
	driver_news(t);
}

uint64_t
fairlead_tcp_next_us(const struct fairlead_tcp *t)
{
	return tcp_next_us(t->tcp);
}
