/*
 * A network layer with two ports, as in the lab, for the tests of dataplane/net:
 *
 *	10.0.0.2  fd00::2     --- port 0: 10.0.0.1/24  fd00::1/64     virtual servers 10.0.0.100, fd00::100
 *	10.0.1.11 fd00:1::11  --- port 1: 10.0.1.1/24  fd00:1::1/64
 *	10.0.3.11 fd00:3::11  --- row 3, VLAN 100 on port 0: 10.0.3.1/24  fd00:3::1/64
 *	default routes by 10.0.0.2 and fd00::2; port 2 is configured and not there
 */
#ifndef TEST_UNIT_DATAPLANE_NET_NET_FIXTURE_H
#define TEST_UNIT_DATAPLANE_NET_NET_FIXTURE_H

#include "dataplane/net/net_priv.h"
#include "test/unit/unit.h"

#define MAC_PORT0    0x000100000002ull /* 02:00:00:00:01:00 */
#define MAC_PORT1    0x010100000002ull /* 02:00:00:00:01:01 */
#define MAC_PEER     0x220000000002ull /* 02:00:00:00:00:22 */
#define MAC_OTHER    0x330000000002ull
#define FIXTURE_MTU  1500
#define FIXTURE_VLAN 3 /* its row */
#define FIXTURE_TAG  100

#define SECOND_US 1000000ull

extern struct net *net;
extern struct net *net0, *net1; /* of fixture_start_shared; net is one of them */
extern struct neighbour_table *table;
extern struct net_config config;
extern struct stats_worker *stats;
extern uint64_t now_us;

/* A fresh network layer at time 1 s; remembers how many mbufs are free. */
void fixture_start(void);
/*
 * The same with two network layers on one table of neighbours: net is worker 0's (net0) at first,
 * and may be set to net1, that of worker 1.
 */
void fixture_start_shared(void);
/* The same network layer at a worker that puts no fragments together. */
void fixture_without_reassembly(void);
/* Frees what is still queued; fails the test if an mbuf is lost. */
void fixture_end(void);
/* From now on the kernel has these services on this port. */
void fixture_serve(unsigned port, uint32_t services);
/* From the next fixture_serve on a virtual server listens there, beside those of fixture_start. */
void fixture_listen(const char *own, uint16_t port);
/* The virtual server addresses of fixture_start belong to config; this adds one. */
struct addr address(const char *text);

/* A route with one gateway, connected on this port. */
struct gen_route route_to(const char *to, uint32_t prefix_len, const char *via, uint32_t port);
/* A frame to port 0 from MAC_PEER; payload may be NULL (zeroes). Gives. */
struct rte_mbuf *frame_make(uint16_t type, const void *payload, uint16_t len);
/* An IPv4 or IPv6 packet in a frame to port 0, header checksum right. */
struct rte_mbuf *
ip_make(const char *src, const char *dst, uint8_t protocol, const void *payload, uint16_t len);
/* Same with ICMP or ICMPv6: checksum right. rest is the second word. */
struct rte_mbuf *icmp_make(const char *src, const char *dst, uint8_t type, uint8_t code,
			   uint32_t rest, const void *payload, uint16_t len);
/* Puts an 802.1Q header with this tag control information into a frame. */
void frame_tag(struct rte_mbuf *m, uint16_t tci);
struct eth_header *frame_eth(struct rte_mbuf *m);
struct ipv4_header *frame_ipv4(struct rte_mbuf *m);
struct ipv6_header *frame_ipv6(struct rte_mbuf *m);
struct icmp_header *frame_icmp(struct rte_mbuf *m);
/* Make the checksum of a changed header, or of a changed ICMP message, right again. */
void ipv4_seal(struct rte_mbuf *m);
void icmp_seal(struct rte_mbuf *m);

/*
 * eth_input and ip_input as path.c calls them, for a datagram that becomes whole too. Takes m but for NET_TCP, NET_TCP_STRAY and
 * NET_ICMP_ERROR.
 */
struct net_verdict input(struct rte_mbuf *m, unsigned port);
/* What the last input has not taken, m or the datagram that it completed. Gives. */
struct rte_mbuf *input_last(void);
/* The reason for which a frame to port 0 is dropped, also if TCP may know better; DROP_none if it is not. */
enum drop_reason input_drop(struct rte_mbuf *m);

/* A packet from src to dst with len bytes above IP, as TCP hands it to ip_output. */
struct rte_mbuf *packet_make(const char *src, const char *dst, uint16_t len);
/* ip_output and eth_output. Takes m but for NET_SEND; NET_DROP frees it. */
struct net_verdict output(struct rte_mbuf *m);
/* Same for a small packet from nowhere in particular, which is freed whatever happens. */
struct net_verdict output_to(const char *dst);

/* The next frame of net_poll, NULL if there is none. Gives. */
struct rte_mbuf *poll_one(void);
/* Frees all frames of net_poll; how many. */
unsigned poll_all(void);
/* Lets time pass, timers run; frees what they hand out and answers how many. */
unsigned pass_us(uint64_t us);
/* An ARP packet from port 0's peer. */
struct rte_mbuf *arp_make(uint16_t operation, const char *sender, uint64_t sender_mac,
			  const char *target, uint64_t target_mac);
/* Makes the IPv4 neighbour reachable: sends to it and answers the request. */
void resolve(const char *neighbour, unsigned port, uint64_t mac);

#endif
