#include "test/unit/dataplane/net/net_fixture.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define OWN_SIZE 64u

struct net *net, *net0, *net1;
struct neighbour_table *table;
struct net_config config;
struct stats_worker *stats;
uint64_t now_us;

static struct {
	struct generation head;
	struct gen_port ports[LIMIT_INTERFACES]; /* all but the first four are of nothing */
	struct gen_address addresses[7];
	struct gen_route routes[2];
	struct gen_virtual_server virtual_servers[1];
	char strings[16];
} gen;

static struct net_setup setup;
static void *memory, *reader_memory;
static struct rte_mbuf *last; /* what the last input has left to its caller */
static struct addr own[OWN_SIZE];
static uint32_t mbufs_before;

struct addr
address(const char *text)
{
	struct addr a;

	CU_ASSERT_TRUE_FATAL(addr_parse(text, &a));
	return a;
}

struct gen_route
route_to(const char *to, uint32_t prefix_len, const char *via, uint32_t port)
{
	return (struct gen_route){ .to = address(to),
				   .prefix_len = prefix_len,
				   .gateway_count = 1,
				   .gateways = { { address(via), port, 0 } } };
}

static struct gen_array
array_of(const void *at, uint32_t count)
{
	return (struct gen_array){ .offset =
				       (uint32_t)((const uint8_t *)at - (const uint8_t *)&gen),
				   .count = count };
}

static void
make_generation(void)
{
	memset(&gen, 0, sizeof gen);
	gen.head.ports = array_of(gen.ports, 4);
	gen.head.addresses = array_of(gen.addresses, 7);
	gen.head.routes = array_of(gen.routes, 2);
	gen.head.strings = array_of(gen.strings, sizeof gen.strings);
	memcpy(gen.strings, "p0\0p1\0p2\0v100", 14);
	gen.ports[0] =
	    (struct gen_port){ .first_address = 0, .address_count = 2, .mtu_bytes = FIXTURE_MTU };
	gen.ports[1] =
	    (struct gen_port){ .first_address = 2, .address_count = 2, .mtu_bytes = FIXTURE_MTU };
	gen.ports[2] =
	    (struct gen_port){ .first_address = 4, .address_count = 1, .mtu_bytes = FIXTURE_MTU };
	gen.ports[3] =
	    (struct gen_port){ .first_address = 5, .address_count = 2, .mtu_bytes = FIXTURE_MTU };
	for (uint32_t i = 0; i < 3; i++) {
		gen.ports[i].name = (struct gen_name){ 3 * i, 2 };
		gen.ports[i].parent = GENERATION_NONE;
	}
	gen.ports[FIXTURE_VLAN].name = (struct gen_name){ 9, 4 };
	gen.ports[FIXTURE_VLAN].tag = FIXTURE_TAG;
	gen.addresses[0] = (struct gen_address){ address("10.0.0.1"), 24, 0 };
	gen.addresses[1] = (struct gen_address){ address("fd00::1"), 64, 0 };
	gen.addresses[2] = (struct gen_address){ address("10.0.1.1"), 24, 1 };
	gen.addresses[3] = (struct gen_address){ address("fd00:1::1"), 64, 1 };
	gen.addresses[4] = (struct gen_address){ address("10.0.2.1"), 24, 2 };
	gen.addresses[5] = (struct gen_address){ address("10.0.3.1"), 24, 3 };
	gen.addresses[6] = (struct gen_address){ address("fd00:3::1"), 64, 3 };
	gen.routes[0] = route_to("0.0.0.0", 0, "10.0.0.2", 0);
	gen.routes[1] = route_to("::", 0, "fd00::2", 0);
}

void
fixture_start(void)
{
	struct addr vs4 = address("10.0.0.100"), vs6 = address("fd00::100"),
		    routed = address("192.0.2.100");

	mbufs_before = rte_mempool_avail_count(unit_mbufs());
	make_generation();
	memset(own, 0, sizeof own);
	config = (struct net_config){
		.generation = &gen.head, .port_count = 4, .own_mask = OWN_SIZE - 1, .own = own
	};
	config.ports[0] = (struct net_port){ .mtu_bytes = FIXTURE_MTU, .usable = true };
	config.ports[1] = config.ports[2] = config.ports[0];
	config.ports[2].usable = false;
	mac_store(config.ports[0].mac, MAC_PORT0);
	mac_store(config.ports[1].mac, MAC_PORT1);
	config.ports[FIXTURE_VLAN] = config.ports[0];
	config.ports[FIXTURE_VLAN].tag = FIXTURE_TAG;
	net_config_vlan_add(&config, 0, FIXTURE_TAG, FIXTURE_VLAN);
	net_config_own_add(&config, &vs4);
	net_config_own_add(&config, &vs6);
	net_config_own_add(&config, &routed);

	if (!memory) {
		stats = aligned_alloc(4096, sizeof *stats);
		setup = (struct net_setup){
			.mbufs = unit_mbufs(), .stats = stats, .seed = 1, .reassembles = true
		};
		memory = aligned_alloc(64, (net_memory_bytes(&setup) + 63) & ~(size_t)63);
		CU_ASSERT_TRUE_FATAL(memory && stats);
	}
	memset(memory, 0xa5, net_memory_bytes(&setup)); /* net_init must not rely on zeroes */
	memset(stats, 0, sizeof *stats);
	now_us = SECOND_US;
	net = net_init(memory, &setup);
	net_configure(net, &config, now_us);
}

void
fixture_serve(unsigned port, uint32_t services)
{
	gen.ports[port].services = services;
	net_configure(net, &config, now_us);
}

void
fixture_listen(const char *own_address, uint16_t port)
{
	gen.head.virtual_servers = array_of(gen.virtual_servers, 1);
	gen.virtual_servers[0].endpoint = (struct endpoint){ address(own_address), port };
}

void
fixture_start_shared(void)
{
	struct net_setup reader;

	fixture_start();
	net_fini(net);
	reader = setup;
	reader.seed = 2;
	reader.reassembles = false;
	if (!table) {
		table = aligned_alloc(64, neighbour_table_bytes());
		reader_memory = aligned_alloc(64, (net_memory_bytes(&reader) + 63) & ~(size_t)63);
		CU_ASSERT_TRUE_FATAL(table && reader_memory);
	}
	table = neighbour_table_init(table, 3);
	net0 = net = net_init(memory, &setup);
	net1 = net_init(reader_memory, &reader);
	net_share(net0, table, 0);
	net_share(net1, table, 1);
	net_configure(net0, &config, now_us);
	net_configure(net1, &config, now_us);
}

void
fixture_without_reassembly(void)
{
	net_fini(net);
	setup.reassembles = false;
	net = net_init(memory, &setup);
	net_configure(net, &config, now_us);
	setup.reassembles = true;
}

void
fixture_end(void)
{
	if (net1) {
		net_fini(net1);
		CU_ASSERT_EQUAL(net1->neighbours.used, 0);
		net = net0;
		net0 = net1 = NULL;
	}
	net_fini(net);
	CU_ASSERT_EQUAL(net->waiting, 0);
	CU_ASSERT_EQUAL(net->unresolved, 0);
	CU_ASSERT_EQUAL(net->neighbours.used, 0);
	CU_ASSERT_EQUAL(net_next_us(net), UINT64_MAX);
	CU_ASSERT_EQUAL(rte_mempool_avail_count(unit_mbufs()), mbufs_before);
}

static struct rte_mbuf *
mbuf_make(void)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	memset(packet_of(m), 0x5a,
	       PACKET_PRIVATE_BYTES); /* the packet of a received mbuf is whatever was there */
	return m;
}

static void *
append(struct rte_mbuf *m, const void *data, uint16_t len)
{
	void *at = rte_pktmbuf_append(m, len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	if (data)
		memcpy(at, data, len);
	else
		memset(at, 0, len);
	return at;
}

struct rte_mbuf *
frame_make(uint16_t type, const void *payload, uint16_t len)
{
	struct rte_mbuf *m = mbuf_make();
	struct eth_header *eth = append(m, NULL, sizeof *eth);

	mac_store(eth->dst, MAC_PORT0);
	mac_store(eth->src, MAC_PEER);
	eth->type = be16_from(type);
	append(m, payload, len);
	return m;
}

void
frame_tag(struct rte_mbuf *m, uint16_t tci)
{
	uint8_t *at = (uint8_t *)rte_pktmbuf_prepend(m, 4);

	ASSERT(at);
	memmove(at, at + 4, 12);
	at[12] = ETH_TYPE_VLAN >> 8;
	at[13] = ETH_TYPE_VLAN & 0xff;
	at[14] = (uint8_t)(tci >> 8);
	at[15] = (uint8_t)tci;
}

struct eth_header *
frame_eth(struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod(m, struct eth_header *);
}

struct ipv4_header *
frame_ipv4(struct rte_mbuf *m)
{
	return (struct ipv4_header *)(frame_eth(m) + 1);
}

struct ipv6_header *
frame_ipv6(struct rte_mbuf *m)
{
	return (struct ipv6_header *)(frame_eth(m) + 1);
}

static bool
frame_is_v4(struct rte_mbuf *m)
{
	return be16_to(frame_eth(m)->type) == ETH_TYPE_IPV4;
}

struct icmp_header *
frame_icmp(struct rte_mbuf *m)
{
	if (frame_is_v4(m))
		return (struct icmp_header *)(frame_ipv4(m) + 1);
	return (struct icmp_header *)(frame_ipv6(m) + 1);
}

void
ipv4_seal(struct rte_mbuf *m)
{
	struct ipv4_header *ip = frame_ipv4(m);

	ip->checksum.raw = 0;
	ip->checksum.raw = checksum_finish(checksum_add(0, ip, (ip->version_len & 15u) * 4));
}

void
icmp_seal(struct rte_mbuf *m)
{
	struct icmp_header *icmp = frame_icmp(m);
	uint32_t len = m->data_len - (uint32_t)((uint8_t *)icmp - rte_pktmbuf_mtod(m, uint8_t *)),
		 sum = 0;

	if (!frame_is_v4(m)) {
		struct addr src = addr_from_v6(frame_ipv6(m)->src),
			    dst = addr_from_v6(frame_ipv6(m)->dst);

		sum = checksum_pseudo(&src, &dst, IPPROTO_ICMPV6, len);
	}
	icmp->checksum.raw = 0;
	icmp->checksum.raw = checksum_finish(checksum_add(sum, icmp, len));
}

struct rte_mbuf *
ip_make(const char *src, const char *dst, uint8_t protocol, const void *payload, uint16_t len)
{
	struct addr from = address(src), to = address(dst);
	struct rte_mbuf *m = frame_make(addr_is_v4(&to) ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6, NULL, 0);

	if (addr_is_v4(&to)) {
		*(struct ipv4_header *)append(m, NULL, sizeof(struct ipv4_header)) =
		    (struct ipv4_header){
			    .version_len = 0x45,
			    .total_len = be16_from((uint16_t)(20 + len)),
			    .id = be16_from(7),
			    .hop_limit = 64,
			    .protocol = protocol,
			    .src = addr_to_v4(&from),
			    .dst = addr_to_v4(&to),
		    };
		ipv4_seal(m);
	} else {
		struct ipv6_header *ip = append(m, NULL, sizeof *ip);

		ip->version_class_flow = be32_from(6u << 28);
		ip->payload_len = be16_from(len);
		ip->next_header = protocol;
		ip->hop_limit = 64;
		memcpy(ip->src, from.byte, 16);
		memcpy(ip->dst, to.byte, 16);
		if (addr_is_multicast(&to)) {
			uint8_t mac[6] = { 0x33,        0x33,        to.byte[12],
					   to.byte[13], to.byte[14], to.byte[15] };

			memcpy(frame_eth(m)->dst, mac, 6);
		}
	}
	append(m, payload, len);
	return m;
}

struct rte_mbuf *
icmp_make(const char *src, const char *dst, uint8_t type, uint8_t code, uint32_t rest,
	  const void *payload, uint16_t len)
{
	struct addr to = address(dst);
	struct rte_mbuf *m = ip_make(src, dst, addr_is_v4(&to) ? IPPROTO_ICMP : IPPROTO_ICMPV6,
				     NULL, (uint16_t)(sizeof(struct icmp_header) + len));
	struct icmp_header *icmp = frame_icmp(m);

	*icmp = (struct icmp_header){ .type = type, .code = code, .rest = be32_from(rest) };
	if (payload)
		memcpy(icmp + 1, payload, len);
	icmp_seal(m);
	return m;
}

/* What lies behind the frame's end must not be read: with AddressSanitizer it is poisoned while the stack has it. */
struct net_verdict
input(struct rte_mbuf *m, unsigned port)
{
	uint8_t *end = rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len);
	uint16_t room = m->nb_segs == 1 ? rte_pktmbuf_tailroom(m) : 0;
	struct net_verdict verdict;
	struct rte_mbuf *whole;

	ASAN_POISON_MEMORY_REGION(end, room);
	verdict = eth_input(net, m, port, now_us);
	if (verdict.next == NET_IP)
		verdict = ip_input(net, m, now_us);
	if (verdict.next == NET_REASSEMBLED) {
		whole = net_reassembled(net);
		verdict = ip_input(net, whole, now_us);
		CU_ASSERT_NOT_EQUAL(verdict.next, NET_REASSEMBLED);
		m = whole;
	}
	ASAN_UNPOISON_MEMORY_REGION(end, room);
	CU_ASSERT_EQUAL(verdict.next == NET_DROP || verdict.next == NET_TCP_STRAY,
			verdict.reason != DROP_none);
	if (verdict.next == NET_DROP)
		rte_pktmbuf_free(m);
	last = verdict.next == NET_DROP || verdict.next == NET_TAKEN ? NULL : m;
	return verdict;
}

struct rte_mbuf *
input_last(void)
{
	return last;
}

enum drop_reason
input_drop(struct rte_mbuf *m)
{
	struct net_verdict verdict = input(m, 0);

	if (verdict.next == NET_TCP || verdict.next == NET_TCP_STRAY ||
	    verdict.next == NET_ICMP_ERROR)
		rte_pktmbuf_free(last);
	return verdict.reason;
}

struct rte_mbuf *
packet_make(const char *src, const char *dst, uint16_t len)
{
	struct rte_mbuf *m = mbuf_make();

	*packet_of(m) =
	    (struct packet){ .src = address(src), .dst = address(dst), .protocol = IPPROTO_TCP };
	append(m, NULL, len);
	return m;
}

struct net_verdict
output(struct rte_mbuf *m)
{
	struct net_verdict verdict = ip_output(net, m, now_us);

	if (verdict.next == NET_IP)
		verdict = eth_output(net, m, now_us);
	if (verdict.next == NET_DROP)
		rte_pktmbuf_free(m);
	return verdict;
}

struct net_verdict
output_to(const char *dst)
{
	struct addr to = address(dst);
	struct rte_mbuf *m = packet_make(addr_is_v4(&to) ? "10.0.0.1" : "fd00::1", dst, 20);
	struct net_verdict verdict = output(m);

	if (verdict.next == NET_SEND)
		rte_pktmbuf_free(m);
	return verdict;
}

struct rte_mbuf *
poll_one(void)
{
	struct rte_mbuf *m;

	return net_poll(net, &m, 1, now_us) ? m : NULL;
}

unsigned
poll_all(void)
{
	struct rte_mbuf *m;
	unsigned n = 0;

	while ((m = poll_one())) {
		rte_pktmbuf_free(m);
		n++;
	}
	return n;
}

/* All that is done by timers shows in what wants to be done next, in frames or in counters. */
static bool
nothing_was_due(void)
{
	uint64_t next_us = net_next_us(net);
	struct stats_worker before = *net->stats;
	struct rte_mbuf *expired;

	return net_timers(net, &expired, 1, now_us) == 0 && net_next_us(net) == next_us &&
	       memcmp(&before, net->stats, sizeof before) == 0;
}

unsigned
pass_us(uint64_t us)
{
	uint64_t until = now_us + us;
	struct rte_mbuf *expired[4];
	unsigned total = 0;

	while (now_us < until) {
		uint16_t n;

		now_us = RTE_MIN(until, now_us + 100000);
		CU_ASSERT(net_timers_are_due(net, now_us) || nothing_was_due());
		while ((n = net_timers(net, expired, 4, now_us))) {
			rte_pktmbuf_free_bulk(expired, n);
			total += n;
		}
	}
	return total;
}

struct rte_mbuf *
arp_make(uint16_t operation, const char *sender, uint64_t sender_mac, const char *target,
	 uint64_t target_mac)
{
	struct addr from = address(sender), to = address(target);
	struct arp_header arp = {
		.hardware = be16_from(1),
		.protocol = be16_from(ETH_TYPE_IPV4),
		.hardware_len = 6,
		.protocol_len = 4,
		.operation = be16_from(operation),
		.sender = addr_to_v4(&from),
		.target = addr_to_v4(&to),
	};
	struct rte_mbuf *m;

	mac_store(arp.sender_mac, sender_mac);
	mac_store(arp.target_mac, target_mac);
	m = frame_make(ETH_TYPE_ARP, &arp, sizeof arp);
	mac_store(frame_eth(m)->src, sender_mac);
	mac_store(frame_eth(m)->dst, MAC_BROADCAST);
	append(m, NULL, 18); /* to the 60 bytes of an Ethernet frame */
	return m;
}

void
resolve(const char *neighbour, unsigned port, uint64_t mac)
{
	struct addr a = address(neighbour);

	CU_ASSERT_EQUAL(output_to(neighbour).next, NET_TAKEN);
	CU_ASSERT_EQUAL(input(arp_make(ARP_REPLY, neighbour, mac, port ? "10.0.1.1" : "10.0.0.1",
				       port ? MAC_PORT1 : MAC_PORT0),
			      port)
			    .next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 2); /* the request, and the packet that waited */
	CU_ASSERT_EQUAL_FATAL(neighbour_find(net, &a, port)->state, NEIGHBOUR_REACHABLE);
}
