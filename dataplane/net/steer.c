/*
 * Finds the worker of a frame before any layer has looked at it (path_rx), of a packet that was put together again,
 * and of a flow that is yet to be opened. See steer.h.
 *
 * Nothing is checked but that what is read is there: the worker that gets the packet refuses what is wrong with it. The
 * walk is more lenient than that of ipv4.c and ipv6.c, so that what these let through was understood here, too.
 */
#include "dataplane/net/steer.h"

#include <rte_thash.h>

#include "dataplane/net/net_priv.h"

#define WORDS_V4         3u
#define WORDS_V6         9u
#define VLAN_TAG_BYTES   4u
#define PORTS_BYTES      4u /* all that is read of a TCP header */
#define TCP_HEADER_BYTES 20u
#define EXTENSIONS_MAX   16u /* more than ipv6.c passes */
#define EXTENSION_BYTES  8u  /* the unit of their length */

STATIC_ASSERT(RSS_KEY_BYTES / 4 > WORDS_V6, "each word of input needs one of key behind it");

#define WORD(word) word,

static const uint32_t key[RSS_KEY_BYTES / 4] = { RSS_KEY(WORD) }; /* as rte_softrss_be wants it */

struct flow {
	struct endpoint remote, local;
	/* a TCP segment right behind its IP header, one that any device takes for that: hashed as we do */
	bool is_plain;
};

static bool flow_of_v4(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static bool flow_of_v6(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static bool skip_extensions(const struct rte_mbuf *m, uint32_t *at, uint8_t *protocol);
static bool flow_of_tcp(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static bool flow_of_error(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static bool flow_of_error6(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static bool flow_of_quote(const struct rte_mbuf *m, uint32_t at, struct flow *flow);
static uint32_t worker_of(const struct flow *flow, uint32_t workers);

/* A header of so many bytes, in one piece; NULL if the packet ends before. */
#define SEE(m, at, buffer) see(m, at, buffer, sizeof *(buffer))

/* What stands in a chain's later parts may begin anywhere; our headers are at even addresses. */
static const void *
see(const struct rte_mbuf *m, uint32_t at, void *buffer, uint32_t len)
{
	const void *found = rte_pktmbuf_read(m, at, len, buffer);

	if (likely(!found || (uintptr_t)found % 2 == 0))
		return found;
	memcpy(buffer, found, len);
	return buffer;
}

uint32_t
steer_frame(const struct rte_mbuf *m, uint32_t workers, bool trusts_hash)
{
	struct eth_header buffer;
	const struct eth_header *eth = SEE(m, 0, &buffer);
	uint32_t at = sizeof *eth;
	const be16 *type;
	be16 type_buffer;
	struct flow flow;
	bool found, tagged = false;

	if (!eth)
		return 0;
	type = &eth->type;
	if (be16_to(*type) == ETH_TYPE_VLAN) {
		at += VLAN_TAG_BYTES;
		tagged = true;
		type = SEE(m, at - (uint32_t)sizeof *type, &type_buffer);
		if (!type)
			return 0;
	}
	switch (be16_to(*type)) {
	case ETH_TYPE_IPV4:
		found = flow_of_v4(m, at, &flow);
		break;
	case ETH_TYPE_IPV6:
		found = flow_of_v6(m, at, &flow);
		break;
	default:
		return 0;
	}
	if (!found)
		return 0;
	if (trusts_hash && !tagged && flow.is_plain && m->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		return steer_worker(m->hash.rss, workers);
	return worker_of(&flow, workers);
}

uint32_t
steer_packet(const struct rte_mbuf *m, uint32_t workers)
{
	uint8_t buffer;
	const uint8_t *version = SEE(m, 0, &buffer);
	struct flow flow;
	bool found;

	if (!version)
		return 0;
	found = *version >> 4 == 4 ? flow_of_v4(m, 0, &flow) : flow_of_v6(m, 0, &flow);
	return found ? worker_of(&flow, workers) : 0;
}

/* False for what belongs to no flow. */
static bool
flow_of_v4(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	struct ipv4_header buffer;
	const struct ipv4_header *ip = SEE(m, at, &buffer);
	uint32_t header_len;

	if (!ip || ip->version_len >> 4 != 4 || (be16_to(ip->fragment) & IPV4_FRAGMENTED))
		return false;
	header_len = (ip->version_len & 0x0fu) * 4;
	if (header_len < sizeof *ip)
		return false;
	flow->remote.addr = addr_from_v4(ip->src);
	flow->local.addr = addr_from_v4(ip->dst);
	flow->is_plain =
	    header_len == sizeof *ip && be16_to(ip->total_len) >= header_len + TCP_HEADER_BYTES;
	switch (ip->protocol) {
	case IPPROTO_TCP:
		return flow_of_tcp(m, at + header_len, flow);
	case IPPROTO_ICMP:
		return flow_of_error(m, at + header_len, flow);
	default:
		return false;
	}
}

static bool
flow_of_v6(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	struct ipv6_header buffer;
	const struct ipv6_header *ip = SEE(m, at, &buffer);
	uint8_t protocol;

	if (!ip || be32_to(ip->version_class_flow) >> 28 != 6)
		return false;
	flow->remote.addr = addr_from_v6(ip->src);
	flow->local.addr = addr_from_v6(ip->dst);
	protocol = ip->next_header;
	flow->is_plain = protocol == IPPROTO_TCP && be16_to(ip->payload_len) >= TCP_HEADER_BYTES;
	at += (uint32_t)sizeof *ip;
	if (!skip_extensions(m, &at, &protocol))
		return false;
	switch (protocol) {
	case IPPROTO_TCP:
		return flow_of_tcp(m, at, flow);
	case IPPROTO_ICMPV6:
		return flow_of_error6(m, at, flow);
	default:
		return false;
	}
}

/* Over those that may stand before a segment; a fragment header is none of them. */
static bool
skip_extensions(const struct rte_mbuf *m, uint32_t *at, uint8_t *protocol)
{
	for (unsigned count = 0; *protocol == IPPROTO_HOPOPTS || *protocol == IPPROTO_DSTOPTS ||
				 *protocol == IPPROTO_ROUTING;
	     count++) {
		uint8_t buffer[2]; /* next header, length */
		const uint8_t *extension = SEE(m, *at, &buffer);

		if (!extension || count == EXTENSIONS_MAX)
			return false;
		*protocol = extension[0];
		*at += EXTENSION_BYTES + extension[1] * EXTENSION_BYTES;
	}
	return true;
}

static bool
flow_of_tcp(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	be16 buffer[PORTS_BYTES / 2];
	const be16 *ports = SEE(m, at, &buffer);

	if (!ports)
		return false;
	flow->remote.port = be16_to(ports[0]);
	flow->local.port = be16_to(ports[1]);
	return true;
}

/* m has an ICMP message at this place. */
static bool
flow_of_error(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	struct icmp_header icmp_buffer;
	const struct icmp_header *icmp = SEE(m, at, &icmp_buffer);
	struct ipv4_header buffer;
	const struct ipv4_header *ip;

	flow->is_plain = false;
	if (!icmp || (icmp->type != ICMP_UNREACHABLE && icmp->type != ICMP_TIME_EXCEEDED &&
		      icmp->type != ICMP_PARAMETER_PROBLEM))
		return false;
	at += (uint32_t)sizeof *icmp;
	ip = SEE(m, at, &buffer);
	if (!ip || ip->protocol != IPPROTO_TCP)
		return false;
	flow->local.addr = addr_from_v4(ip->src);
	flow->remote.addr = addr_from_v4(ip->dst);
	return flow_of_quote(m, at + (ip->version_len & 0x0fu) * 4, flow);
}

static bool
flow_of_error6(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	struct icmp_header icmp_buffer;
	const struct icmp_header *icmp = SEE(m, at, &icmp_buffer);
	struct ipv6_header buffer;
	const struct ipv6_header *ip;

	flow->is_plain = false;
	if (!icmp || icmp->type < ICMP6_UNREACHABLE || icmp->type > ICMP6_PARAMETER_PROBLEM)
		return false;
	at += (uint32_t)sizeof *icmp;
	ip = SEE(m, at, &buffer);
	if (!ip || ip->next_header != IPPROTO_TCP)
		return false;
	flow->local.addr = addr_from_v6(ip->src);
	flow->remote.addr = addr_from_v6(ip->dst);
	return flow_of_quote(m, at + (uint32_t)sizeof *ip, flow);
}

/* The quoted segment is one that we have sent. */
static bool
flow_of_quote(const struct rte_mbuf *m, uint32_t at, struct flow *flow)
{
	be16 buffer[PORTS_BYTES / 2];
	const be16 *ports = SEE(m, at, &buffer);

	if (!ports)
		return false;
	flow->local.port = be16_to(ports[0]);
	flow->remote.port = be16_to(ports[1]);
	return true;
}

static uint32_t
worker_of(const struct flow *flow, uint32_t workers)
{
	return steer_worker(steer_hash(&flow->remote, &flow->local), workers);
}

/* ---- the hash ---- */

static uint32_t
toeplitz(uint32_t *words, uint32_t count)
{
	return rte_softrss_be(words, count, (const uint8_t *)key);
}

static bool
are_v4(const struct addr *a, const struct addr *b)
{
	return addr_is_v4(a) && addr_is_v4(b);
}

static void
v6_words(const struct addr *a, uint32_t words[4])
{
	be32 wire[4];

	memcpy(wire, a->byte, sizeof wire);
	for (unsigned i = 0; i < 4; i++)
		words[i] = be32_to(wire[i]);
}

uint32_t
steer_hash(const struct endpoint *remote, const struct endpoint *local)
{
	uint32_t ports = (uint32_t)remote->port << 16 | local->port, words[WORDS_V6];

	if (are_v4(&remote->addr, &local->addr)) {
		words[0] = be32_to(addr_to_v4(&remote->addr));
		words[1] = be32_to(addr_to_v4(&local->addr));
		words[2] = ports;
		return toeplitz(words, WORDS_V4);
	}
	v6_words(&remote->addr, words);
	v6_words(&local->addr, words + 4);
	words[8] = ports;
	return toeplitz(words, WORDS_V6);
}

uint32_t
steer_segment(struct rte_mbuf *m, uint32_t workers, uint32_t worker)
{
	const struct packet *p = packet_of(m);
	struct flow flow = { .remote.addr = p->src, .local.addr = p->dst };

	return flow_of_tcp(m, 0, &flow) ? worker_of(&flow, workers) : worker;
}

/* The hash is linear: that of a tuple is that of its parts, each with zeros around it, one XORed with the other. */
static uint32_t
hash_of_local_port(uint16_t port, bool v4)
{
	uint32_t words[WORDS_V6] = { 0 }, count = v4 ? WORDS_V4 : WORDS_V6;

	words[count - 1] = port;
	return toeplitz(words, count);
}

bool
steer_port_is_for(struct steer_search *search, const struct endpoint *local,
		  const struct endpoint *remote, uint32_t workers, uint32_t worker)
{
	uint32_t hash;

	if (!addr_equal(&search->local, &local->addr) || !endpoint_equal(&search->remote, remote)) {
		const struct endpoint portless = { .addr = local->addr };

		search->local = local->addr;
		search->remote = *remote;
		search->hash = steer_hash(remote, &portless);
	}
	hash = search->hash ^ hash_of_local_port(local->port, are_v4(&local->addr, &remote->addr));
	return steer_worker(hash, workers) == worker;
}
