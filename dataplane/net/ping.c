/*
 * Echo requests of our own and what comes back. See ping.h.
 *
 * An answer counts if it comes from the host that was asked, an error if it quotes the request: the identifier is drawn at
 * the start, the sequence number names the probe, so nobody answers by guessing alone, and a late answer to an older probe is none
 * to this one.
 *
 * RFC 792, 4443 4.1 and 4.2. Left out: answers to group addresses, timestamps in the payload (time is kept here).
 */
#include "dataplane/net/ping.h"

#include "dataplane/net/net_priv.h"

/* As requests lie on the wire, and are quoted. */
struct echo_header {
	uint8_t type, code;
	be16 checksum;
	be16 identifier, sequence;
};

static enum drop_reason send_request(struct net *net, struct ping *ping, uint64_t now_us);
static struct ping *find(struct net *net, const struct echo_header *echo, const struct addr *to);
static void
note(struct ping *ping, const struct packet *p, enum ping_result result, uint64_t now_us);

void
ping_init(struct net *net)
{
	net->ping_identifier = (uint16_t)rng_next(&net->rng);
	for (unsigned slot = 0; slot < PING_SLOTS; slot++)
		net->ping[slot].is_over = true;
}

void
ping_send(struct net *net, unsigned slot, const struct ping_plan *plan, uint64_t now_us)
{
	struct ping *ping = &net->ping[slot];
	enum drop_reason reason;

	ASSERT(slot < PING_SLOTS && plan->payload_bytes <= PING_BYTES_MAX && plan->hop_limit >= 1 &&
	       plan->hop_limit <= 255);
	*ping = (struct ping){ .plan = *plan, .sequence = ++net->ping_sequence, .sent_us = now_us };
	reason = send_request(net, ping, now_us);
	if (!reason)
		return;
	ping->is_over = true;
	ping->answer = (struct ping_answer){ .result = PING_UNSENT, .reason = reason };
}

static enum drop_reason
send_request(struct net *net, struct ping *ping, uint64_t now_us)
{
	bool v4 = addr_is_v4(&ping->plan.to);
	struct addr from = ping->plan.from;
	struct net_verdict verdict;
	struct echo_header *echo;
	struct rte_mbuf *m;
	uint8_t *payload;

	if (addr_is_unspecified(&from) && net_source_addr(net, &ping->plan.to, &from) != ERR_ok)
		return DROP_ip_no_route;
	if (addr_is_v4(&from) != v4 || !route_is_own(net, &from, 0))
		return DROP_ip_source_invalid;
	m = net_make(net, 0);
	if (!m)
		return DROP_mbuf_empty;
	echo = (struct echo_header *)rte_pktmbuf_append(
	    m, (uint16_t)(sizeof *echo + ping->plan.payload_bytes));
	ASSERT(echo);
	*echo = (struct echo_header){ .type = v4 ? ICMP_ECHO_REQUEST : ICMP6_ECHO_REQUEST,
				      .identifier = be16_from(net->ping_identifier),
				      .sequence = be16_from(ping->sequence) };
	payload = (uint8_t *)(echo + 1);
	for (uint32_t i = 0; i < ping->plan.payload_bytes; i++)
		payload[i] = (uint8_t)i;
	packet_of(m)->src = from;
	packet_of(m)->dst = ping->plan.to;
	packet_of(m)->protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	packet_of(m)->hop_limit = (uint8_t)ping->plan.hop_limit;
	icmp_finish(m);
	verdict = net_send(net, m, now_us);
	if (verdict.next != NET_DROP)
		return DROP_none;
	rte_pktmbuf_free(m);
	return verdict.reason;
}

bool
ping_is_over(const struct net *net, unsigned slot, uint64_t now_us, struct ping_answer *answer)
{
	const struct ping *ping = &net->ping[slot];

	if (!ping->is_over && now_us < ping->sent_us + ping->plan.timeout_ms * 1000ull)
		return false;
	*answer = ping->is_over ? ping->answer : (struct ping_answer){ .result = PING_SILENCE };
	return true;
}

/* ---- what comes in ---- */

bool
ping_is_ours(const struct net *net, const struct icmp_header *icmp)
{
	const struct echo_header *echo = (const struct echo_header *)icmp;

	return be16_to(echo->identifier) == net->ping_identifier;
}

bool
ping_reply(struct net *net, const struct rte_mbuf *m, uint64_t now_us)
{
	const struct packet *p = packet_of((struct rte_mbuf *)m);
	struct ping *ping = find(net, rte_pktmbuf_mtod(m, const struct echo_header *), &p->src);

	if (!ping)
		return false;
	note(ping, p, PING_ANSWERED, now_us);
	return true;
}

bool
ping_error(struct net *net, const struct rte_mbuf *m, uint64_t now_us)
{
	const struct packet *p = packet_of((struct rte_mbuf *)m);
	const struct icmp_header *icmp = rte_pktmbuf_mtod(m, const struct icmp_header *);
	const struct ipv4_header *ip = (const struct ipv4_header *)(icmp + 1);
	const struct ipv6_header *ip6 = (const struct ipv6_header *)(icmp + 1);
	bool v4 = addr_is_v4(&p->src);
	uint32_t header_len = v4 ? sizeof *ip : sizeof *ip6;
	struct ping *ping;
	struct addr to;

	if (m->data_len < sizeof *icmp + header_len + sizeof(struct echo_header))
		return false;
	if (v4 ? ip->version_len != 0x45 || ip->protocol != IPPROTO_ICMP
	       : be32_to(ip6->version_class_flow) >> 28 != 6 || ip6->next_header != IPPROTO_ICMPV6)
		return false;
	to = v4 ? addr_from_v4(ip->dst) : addr_from_v6(ip6->dst);
	ping =
	    find(net, (const struct echo_header *)((const uint8_t *)(icmp + 1) + header_len), &to);
	if (!ping)
		return false;
	note(ping, p, PING_ERROR, now_us);
	ping->answer.type = icmp->type;
	ping->answer.code = icmp->code;
	return true;
}

static struct ping *
find(struct net *net, const struct echo_header *echo, const struct addr *to)
{
	if (be16_to(echo->identifier) != net->ping_identifier)
		return NULL;
	for (unsigned slot = 0; slot < PING_SLOTS; slot++) {
		struct ping *ping = &net->ping[slot];

		if (!ping->is_over && ping->sequence == be16_to(echo->sequence) &&
		    addr_equal(&ping->plan.to, to))
			return ping;
	}
	return NULL;
}

static void
note(struct ping *ping, const struct packet *p, enum ping_result result, uint64_t now_us)
{
	ping->is_over = true;
	ping->answer = (struct ping_answer){ .result = result,
					     .from = p->src,
					     .hop_limit = p->hop_limit,
					     .rtt_us = (uint32_t)(now_us - ping->sent_us) };
}
