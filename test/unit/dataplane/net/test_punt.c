/* punt.c: what goes to the kernel, what of the kernel's goes out, and how much of either. */
#include "dataplane/net/punt.h"
#include "test/unit/dataplane/net/net_fixture.h"

#define SSH  (1u << SERVICE_ssh)
#define BGP  (1u << SERVICE_bgp)
#define VRRP (1u << SERVICE_vrrp)
#define PING (1u << SERVICE_ping)
#define SYN  0x02
#define ACK  0x10

/* A TCP header as far as it matters here. */
struct segment {
	be16 src, dst;
	be32 sequence, acknowledgment;
	uint8_t offset, flags;
	be16 window, checksum, urgent;
};

static struct segment
segment(uint16_t src, uint16_t dst, uint8_t flags)
{
	return (struct segment){
		.src = be16_from(src), .dst = be16_from(dst), .offset = 0x50, .flags = flags
	};
}

static struct rte_mbuf *
tcp_make(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port, uint8_t flags)
{
	struct segment s = segment(src_port, dst_port, flags);

	return ip_make(src, dst, IPPROTO_TCP, &s, sizeof s);
}

/* Frees it, whatever becomes of it. */
static struct net_verdict
fate(struct rte_mbuf *m, unsigned port)
{
	struct net_verdict verdict = input(m, port);

	if (verdict.next != NET_DROP && verdict.next != NET_TAKEN)
		rte_pktmbuf_free(m);
	return verdict;
}

static enum net_next
tcp_fate(const char *dst, uint16_t dst_port, uint16_t src_port)
{
	bool v4 = strchr(dst, '.') != NULL;

	return fate(tcp_make(v4 ? "10.0.0.2" : "fd00::2", src_port, dst, dst_port, ACK), 0).next;
}

static void
services_take_their_ports_alone(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 22, 5000), NET_TCP);
	fixture_serve(0, SSH);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 22, 5000), NET_PUNT);
	CU_ASSERT_EQUAL(tcp_fate("fd00::1", 22, 5000), NET_PUNT);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 23, 5000), NET_TCP);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 179, 5000), NET_TCP);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.100", 22, 5000), NET_TCP); /* a virtual server's address */
	CU_ASSERT_EQUAL(tcp_fate("10.0.1.1", 22, 5000), NET_TCP);   /* another port's */
	fixture_serve(1, SSH);
	CU_ASSERT_EQUAL(tcp_fate("10.0.1.1", 22, 5000), NET_TCP); /* came in by the wrong one */
	fixture_serve(0, 0);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 22, 5000), NET_TCP);
	fixture_end();
}

static void
each_service_takes_something(void)
{
	fixture_start();
	for (enum service s = 0; s < SERVICE_COUNT; s++) {
		struct rte_mbuf *m;

		fixture_serve(0, 1u << s);
		if (service_infos[s].protocol == SERVICE_TCP) {
			m = tcp_make("10.0.0.2", 5000, "10.0.0.1", service_infos[s].port, SYN);
		} else if (service_infos[s].protocol == SERVICE_VRRP) {
			m = ip_make("10.0.0.2", "224.0.0.18", PROTOCOL_VRRP, NULL, 20);
			frame_ipv4(m)->hop_limit = 255;
			ipv4_seal(m);
			mac_store(frame_eth(m)->dst, 0x1200005e0001ull);
		} else {
			m = icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REQUEST, 0, 1, NULL, 8);
		}
		CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_PUNT);
		CU_ASSERT_EQUAL(packet_of(m)->service, s);
		rte_pktmbuf_free(m);
	}
	fixture_end();
}

/* By port alone: the kernel's are from 61000 on. */
static void
answers_to_the_kernel_s_connections_are_its_own(void)
{
	fixture_start();
	fixture_serve(0, BGP);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 61000, 179), NET_PUNT);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 65535, 179), NET_PUNT);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 60999, 179), NET_TCP); /* a member's port */
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 61000, 22), NET_TCP);
	CU_ASSERT_EQUAL(tcp_fate("fd00::1", 61000, 179), NET_PUNT);
	fixture_end();
}

static void
virtual_server_goes_before_the_service(void)
{
	fixture_start();
	fixture_listen("10.0.0.1", 22);
	fixture_serve(0, SSH | BGP);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 22, 5000), NET_TCP);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 179, 5000), NET_PUNT);
	CU_ASSERT_EQUAL(tcp_fate("fd00::1", 22, 5000), NET_PUNT);
	fixture_end();
}

static void
echoes_are_the_kernel_s_only_if_allowed(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REQUEST, 0, 1, NULL, 8), 0).next,
	    NET_TAKEN);
	poll_all();
	fixture_serve(0, PING);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REQUEST, 0, 1, NULL, 8), 0).next,
	    NET_PUNT);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0, 1, NULL, 8), 0).next,
	    NET_PUNT);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("fd00::2", "fd00::1", ICMP6_ECHO_REQUEST, 0, 1, NULL, 8), 0).next,
	    NET_PUNT);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.2", "10.0.0.100", ICMP_ECHO_REQUEST, 0, 1, NULL, 8), 0).next,
	    NET_TAKEN);
	poll_all();
	pass_us(10 * SECOND_US);
	fixture_end();
}

/* "Too big" about a BGP session is for who sends it. */
static void
errors_about_the_kernel_s_segments_are_its_own(void)
{
	struct {
		struct ipv4_header ip;
		struct segment tcp;
	} quote = {
		.ip = { .version_len = 0x45, .protocol = IPPROTO_TCP, .src = { 0 }, .dst = { 0 } }
	};
	struct addr ours = address("10.0.0.1"), theirs = address("10.0.0.2");

	fixture_start();
	fixture_serve(0, BGP);
	quote.ip.src = addr_to_v4(&ours);
	quote.ip.dst = addr_to_v4(&theirs);
	quote.tcp = segment(61000, 179, ACK);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.9", "10.0.0.1", ICMP_UNREACHABLE, 4, 1400, &quote, sizeof quote),
		 0)
		.next,
	    NET_PUNT);
	quote.tcp = segment(179, 5000, ACK);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.9", "10.0.0.1", ICMP_TIME_EXCEEDED, 0, 0, &quote, sizeof quote),
		 0)
		.next,
	    NET_PUNT);
	quote.tcp = segment(33000, 179, ACK);
	CU_ASSERT_EQUAL(
	    fate(icmp_make("10.0.0.9", "10.0.0.1", ICMP_UNREACHABLE, 4, 1400, &quote, sizeof quote),
		 0)
		.next,
	    NET_ICMP_ERROR);
	for (uint16_t len = 0; len < 24;
	     len++) /* cut: the kernel is not asked to make sense of it */
		CU_ASSERT_NOT_EQUAL(
		    fate(icmp_make("10.0.0.9", "10.0.0.1", ICMP_UNREACHABLE, 4, 1400, &quote, len),
			 0)
			.next,
		    NET_PUNT);
	fixture_end();
}

static struct rte_mbuf *
vrrp_make(bool v4, uint8_t hop_limit)
{
	struct rte_mbuf *m = v4 ? ip_make("10.0.0.2", "224.0.0.18", PROTOCOL_VRRP, NULL, 20)
				: ip_make("fe80::2", "ff02::12", PROTOCOL_VRRP, NULL, 20);

	if (v4) {
		frame_ipv4(m)->hop_limit = hop_limit;
		ipv4_seal(m);
		mac_store(frame_eth(m)->dst, 0x1200005e0001ull);
	} else {
		frame_ipv6(m)->hop_limit = hop_limit;
	}
	return m;
}

static void
vrrp_is_heard_on_its_group_where_allowed(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(vrrp_make(true, 255)), DROP_eth_not_for_us);
	CU_ASSERT_EQUAL(input_drop(vrrp_make(false, 255)), DROP_eth_not_for_us);
	fixture_serve(0, VRRP);
	CU_ASSERT_EQUAL(fate(vrrp_make(true, 255), 0).next, NET_PUNT);
	CU_ASSERT_EQUAL(fate(vrrp_make(false, 255), 0).next, NET_PUNT);
	CU_ASSERT_EQUAL(input_drop(vrrp_make(true, 254)), DROP_ip_not_for_us); /* over a router */
	CU_ASSERT_EQUAL(input_drop(vrrp_make(false, 254)), DROP_ip_not_for_us);
	/* a packet for one host, or another group, in the group's frame */
	m = tcp_make("10.0.0.2", 5000, "10.0.0.1", 22, SYN);
	mac_store(frame_eth(m)->dst, 0x1200005e0001ull);
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	m = tcp_make("fd00::2", 5000, "fd00::1", 22, SYN);
	mac_store(frame_eth(m)->dst, 0x120000003333ull);
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	/* the other family's group, as IPv6 writes it */
	m = vrrp_make(false, 255);
	mac_store(frame_eth(m)->dst, MAC_PORT0);
	memcpy(frame_ipv6(m)->dst, address("224.0.0.18").byte, 16);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_not_for_us);
	m = vrrp_make(true, 255);
	CU_ASSERT_EQUAL(input(m, 1).reason, DROP_eth_not_for_us); /* not allowed there */
	/* a jumbo frame, larger than what the kernel is given */
	m = ip_make("10.0.0.2", "224.0.0.18", PROTOCOL_VRRP, NULL, PUNT_PACKET_MAX - 20 + 1);
	frame_ipv4(m)->hop_limit = 255;
	ipv4_seal(m);
	mac_store(frame_eth(m)->dst, 0x1200005e0001ull);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_not_for_us);
	fixture_end();
}

static unsigned
passed(unsigned packets, uint8_t flags)
{
	unsigned n = 0;

	for (unsigned i = 0; i < packets; i++)
		n += fate(tcp_make("10.0.0.2", 5000, "10.0.0.1", 22, flags), 0).next == NET_PUNT;
	return n;
}

static void
rate_bounds_each_service_and_leaves_room_behind_syns(void)
{
	uint32_t per_second = service_infos[SERVICE_ssh].per_second, burst = per_second / 4;
	uint64_t limited;

	fixture_start();
	fixture_serve(0, SSH | BGP);
	CU_ASSERT_EQUAL(passed(2 * burst, SYN), burst / 2);
	CU_ASSERT_EQUAL(passed(2 * burst, ACK), burst / 2); /* what is established goes on */
	CU_ASSERT_EQUAL(passed(1, SYN), 0);
	limited = stats->punt[SERVICE_ssh][PUNT_COUNTER_limited];
	CU_ASSERT_EQUAL(limited, 3 * burst + 1);
	CU_ASSERT_EQUAL(fate(tcp_make("10.0.0.2", 5000, "10.0.0.1", 22, ACK), 0).reason,
			DROP_punt_rate_limited);
	CU_ASSERT_EQUAL(tcp_fate("10.0.0.1", 179, 5000), NET_PUNT); /* another service's own */
	now_us += SECOND_US / 10;
	CU_ASSERT_EQUAL(passed(burst, ACK), per_second / 10);
	now_us += SECOND_US;
	CU_ASSERT_EQUAL(passed(burst, ACK), burst);
	fixture_end();
}

static void
copy_is_a_frame_for_the_kernel_s_interface(void)
{
	uint8_t frame[PUNT_FRAME_BYTES];
	struct eth_header *eth = (struct eth_header *)frame;
	struct segment s = segment(5000, 22, SYN);
	struct rte_mbuf *m;

	fixture_start();
	fixture_serve(0, SSH | VRRP);
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, &s, sizeof s);
	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_PUNT);
	CU_ASSERT_EQUAL(punt_copy(net, m, frame), 14 + 20 + 20);
	CU_ASSERT_EQUAL(mac_load(eth->dst), MAC_PORT0);
	CU_ASSERT_FALSE(mac_is_group(mac_load(eth->src)));
	CU_ASSERT_EQUAL(be16_to(eth->type), ETH_TYPE_IPV4);
	CU_ASSERT_EQUAL(frame[14], 0x45);
	CU_ASSERT_EQUAL(memcmp(frame + 34, &s, sizeof s), 0);
	rte_pktmbuf_free(m);
	m = vrrp_make(false, 255);
	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_PUNT);
	CU_ASSERT_EQUAL(punt_copy(net, m, frame), 14 + 40 + 20);
	CU_ASSERT_EQUAL(mac_load(eth->dst), 0x120000003333ull);
	CU_ASSERT_EQUAL(be16_to(eth->type), ETH_TYPE_IPV6);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* ---- from the kernel ---- */

/* As the kernel sends them where it resolves nothing: to its own address. */
static struct rte_mbuf *
from_kernel(struct rte_mbuf *m)
{
	mac_store(frame_eth(m)->dst, MAC_PORT0);
	mac_store(frame_eth(m)->src, MAC_PORT0);
	return m;
}

static struct net_verdict
kernel_fate(struct rte_mbuf *m)
{
	struct net_verdict verdict = punt_output(net, m, 0, now_us);

	if (verdict.next != NET_TAKEN)
		rte_pktmbuf_free(m);
	return verdict;
}

static enum drop_reason
kernel_drop(struct rte_mbuf *m)
{
	return kernel_fate(from_kernel(m)).reason;
}

static void
kernel_s_packets_leave_by_our_routes_and_neighbours(void)
{
	struct rte_mbuf *m;

	fixture_start();
	fixture_serve(0, SSH);
	resolve("10.0.0.2", 0, MAC_PEER);
	m = from_kernel(tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, SYN | ACK));
	CU_ASSERT_EQUAL_FATAL(punt_output(net, m, 0, now_us).next, NET_SEND);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT0);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 20);
	CU_ASSERT_EQUAL(frame_ipv4(m)->hop_limit, 64);
	rte_pktmbuf_free(m);
	/* a client behind the router: the default route's neighbour */
	m = from_kernel(tcp_make("10.0.0.1", 22, "198.51.100.7", 5000, ACK));
	CU_ASSERT_EQUAL_FATAL(punt_output(net, m, 0, now_us).next, NET_SEND);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);
	/* one that nobody knows yet waits as ours do */
	CU_ASSERT_EQUAL(
	    kernel_fate(from_kernel(tcp_make("fd00::1", 22, "fd00::2", 5000, ACK))).next,
	    NET_TAKEN);
	CU_ASSERT_EQUAL(stats->punt[SERVICE_ssh][PUNT_COUNTER_out], 3);
	poll_all();
	CU_ASSERT_EQUAL(pass_us(10 * SECOND_US), 1);
	fixture_end();
}

static void
kernel_s_packets_of_no_service_are_refused(void)
{
	struct segment s = segment(22, 5000, ACK);
	struct rte_mbuf *m;

	fixture_start();
	fixture_serve(0, SSH);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.1", 80, "10.0.0.2", 5000, ACK)),
			DROP_punt_refused);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.1", 33000, "10.0.0.2", 22, ACK)),
			DROP_punt_refused);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.1", 179, "10.0.0.2", 5000, ACK)),
			DROP_punt_refused);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.100", 22, "10.0.0.2", 5000, ACK)),
			DROP_punt_refused); /* not from there */
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.1.1", 22, "10.0.0.2", 5000, ACK)),
			DROP_punt_refused);
	CU_ASSERT_EQUAL(kernel_drop(ip_make("10.0.0.1", "10.0.0.2", IPPROTO_UDP, NULL, 20)),
			DROP_punt_refused);
	CU_ASSERT_EQUAL(
	    kernel_drop(icmp_make("10.0.0.1", "10.0.0.2", ICMP_ECHO_REPLY, 0, 1, NULL, 8)),
	    DROP_punt_refused);
	CU_ASSERT_EQUAL(kernel_drop(arp_make(ARP_REQUEST, "10.0.0.1", MAC_PORT0, "10.0.0.2", 0)),
			DROP_punt_refused);
	m = tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK); /* MLD and its kin come this way */
	frame_ipv4(m)->fragment = be16_from(0x2000);
	CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused);
	m = from_kernel(tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK));
	mac_store(frame_eth(m)->src, MAC_OTHER);
	CU_ASSERT_EQUAL(kernel_fate(m).reason, DROP_punt_refused);
	m = from_kernel(tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK));
	CU_ASSERT_EQUAL(punt_output(net, m, 2, now_us).reason, DROP_punt_refused);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.1", 22, "10.0.0.100", 5000, ACK)),
			DROP_ip_no_route);        /* to ourselves */
	for (uint16_t len = 0; len < 20; len++) { /* cut behind any byte */
		m = ip_make("10.0.0.1", "10.0.0.2", IPPROTO_TCP, &s, len);
		if (len < 4)
			CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused)
		else
			rte_pktmbuf_free(m);
		m = tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK);
		rte_pktmbuf_trim(m, (uint16_t)(len + 1));
		CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused);
		m = tcp_make("fd00::1", 22, "fd00::2", 5000, ACK);
		rte_pktmbuf_trim(m, (uint16_t)(len + 1));
		CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused);
	}
	fixture_end();
}

static void
kernel_s_packets_are_bounded_too(void)
{
	uint32_t burst = service_infos[SERVICE_ssh].per_second / 4;
	unsigned sent = 0;

	fixture_start();
	fixture_serve(0, SSH);
	resolve("10.0.0.2", 0, MAC_PEER);
	for (unsigned i = 0; i < 2 * burst; i++)
		sent += kernel_fate(from_kernel(tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK)))
			    .next == NET_SEND;
	CU_ASSERT_EQUAL(sent, burst);
	CU_ASSERT_EQUAL(kernel_drop(tcp_make("10.0.0.1", 22, "10.0.0.2", 5000, ACK)),
			DROP_punt_rate_limited);
	CU_ASSERT_EQUAL(stats->punt[SERVICE_ssh][PUNT_COUNTER_limited], burst + 1);
	fixture_end();
}

static void
kernel_s_vrrp_goes_to_its_group(void)
{
	struct rte_mbuf *m;

	fixture_start();
	fixture_serve(0, VRRP);
	m = ip_make("10.0.0.1", "224.0.0.18", PROTOCOL_VRRP, NULL, 20);
	frame_ipv4(m)->hop_limit = 255;
	CU_ASSERT_EQUAL_FATAL(punt_output(net, from_kernel(m), 0, now_us).next, NET_SEND);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), 0x1200005e0001ull);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT0);
	rte_pktmbuf_free(m);
	m = ip_make("10.0.0.9", "224.0.0.18", PROTOCOL_VRRP, NULL, 20);
	frame_ipv4(m)->hop_limit = 255;
	CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused);
	fixture_serve(0, SSH);
	m = ip_make("10.0.0.1", "224.0.0.18", PROTOCOL_VRRP, NULL, 20);
	frame_ipv4(m)->hop_limit = 255;
	CU_ASSERT_EQUAL(kernel_drop(m), DROP_punt_refused);
	fixture_end();
}

/* One of each kind that is looked into, for the damage below. */
static struct rte_mbuf *
any_kind(uint32_t kind)
{
	uint8_t quote[64] = { 0x45, [9] = IPPROTO_TCP };
	bool v4 = kind & 1;
	const char *theirs = v4 ? "10.0.0.2" : "fd00::2", *ours = v4 ? "10.0.0.1" : "fd00::1";

	switch (kind / 2 % 4) {
	case 0:
		return tcp_make(theirs, 5000, ours, 22, SYN);
	case 1:
		return icmp_make(theirs, ours, v4 ? ICMP_ECHO_REQUEST : ICMP6_ECHO_REQUEST, 0, 1,
				 NULL, 8);
	case 2:
		quote[0] = v4 ? 0x45 : 0x60;
		quote[6] = v4 ? 0 : IPPROTO_TCP;
		return icmp_make(theirs, ours, v4 ? ICMP_UNREACHABLE : ICMP6_TOO_BIG, 0, 1400,
				 quote, v4 ? 28 : 48);
	default:
		return vrrp_make(v4, 255);
	}
}

/* Bytes changed and ends cut, in both directions; what lies behind the end is poisoned in builds that can. */
static void
damaged_packets_lose_nothing(void)
{
	uint8_t copy[PUNT_FRAME_BYTES];
	struct rng rng;

	fixture_start();
	fixture_serve(0, SERVICES_ALL);
	rng_init(&rng, 22);
	for (uint32_t i = 0; i < 20000; i++) {
		struct rte_mbuf *m = any_kind(rng_below(&rng, 8));
		struct net_verdict verdict;

		for (uint32_t changes = rng_below(&rng, 3); changes > 0; changes--)
			*rte_pktmbuf_mtod_offset(m, uint8_t *, rng_below(&rng, m->data_len)) =
			    (uint8_t)rng_next(&rng);
		if (rng_below(&rng, 4) == 0)
			rte_pktmbuf_trim(m, (uint16_t)rng_below(&rng, m->data_len));
		if (be16_to(frame_eth(m)->type) == ETH_TYPE_IPV4 && m->data_len >= 34)
			frame_ipv4(m)->version_len == 0x45 ? ipv4_seal(m) : (void)0;
		if (rng_below(&rng, 2)) {
			verdict = kernel_fate(from_kernel(m));
			CU_ASSERT_NOT_EQUAL(verdict.next, NET_PUNT);
		} else {
			verdict = input(m, 0);
			if (verdict.next == NET_PUNT)
				CU_ASSERT(punt_copy(net, m, copy) <= PUNT_FRAME_BYTES);
			if (verdict.next != NET_DROP && verdict.next != NET_TAKEN)
				rte_pktmbuf_free(m);
		}
		now_us += 1000;
		if (i % 64 == 0)
			poll_all();
	}
	CU_ASSERT(stats->punt[SERVICE_ssh][PUNT_COUNTER_limited] == 0);
	poll_all();
	pass_us(20 * SECOND_US);
	poll_all();
	fixture_end();
}

CU_TestInfo test_punt[] = {
	{ "punt_damaged_packets_lose_nothing", damaged_packets_lose_nothing },
	{ "punt_services_take_their_ports_alone", services_take_their_ports_alone },
	{ "punt_each_service_takes_something", each_service_takes_something },
	{ "punt_answers_to_the_kernel_s_connections_are_its_own",
	  answers_to_the_kernel_s_connections_are_its_own },
	{ "punt_virtual_server_goes_before_the_service", virtual_server_goes_before_the_service },
	{ "punt_echoes_are_the_kernel_s_only_if_allowed", echoes_are_the_kernel_s_only_if_allowed },
	{ "punt_errors_about_the_kernel_s_segments_are_its_own",
	  errors_about_the_kernel_s_segments_are_its_own },
	{ "punt_vrrp_is_heard_on_its_group_where_allowed",
	  vrrp_is_heard_on_its_group_where_allowed },
	{ "punt_rate_bounds_each_service_and_leaves_room_behind_syns",
	  rate_bounds_each_service_and_leaves_room_behind_syns },
	{ "punt_copy_is_a_frame_for_the_kernel_s_interface",
	  copy_is_a_frame_for_the_kernel_s_interface },
	{ "punt_kernel_s_packets_leave_by_our_routes_and_neighbours",
	  kernel_s_packets_leave_by_our_routes_and_neighbours },
	{ "punt_kernel_s_packets_of_no_service_are_refused",
	  kernel_s_packets_of_no_service_are_refused },
	{ "punt_kernel_s_packets_are_bounded_too", kernel_s_packets_are_bounded_too },
	{ "punt_kernel_s_vrrp_goes_to_its_group", kernel_s_vrrp_goes_to_its_group },
	CU_TEST_INFO_NULL,
};
