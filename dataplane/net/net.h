/*
 * Ethernet, ARP, IPv4, IPv6, neighbour discovery and ICMP of one worker. Path.c calls in from below
 * (eth_input, ip_input) and from above (ip_output, eth_output); this layer never calls another.
 * What it has to send of its own accord (ARP, ND, ICMP) is fetched by net_poll.
 *
 * RFC 826 (ARP), 1122, 791, 792, 8200 (IPv6), 4443 (ICMPv6), 4861 (neighbour discovery), 5227
 * (address conflicts), IEEE 802.1Q (one tag), 5722 and kin (fragments). Left out: redirects, MLD, and
 * path MTU discovery beyond handing ICMP errors to TCP, which does it.
 */
#ifndef DATAPLANE_NET_NET_H
#define DATAPLANE_NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/net/neighbour_table.h"
#include "dataplane/net/packet.h"
#include "fw/abi/drops.h"
#include "fw/abi/generation.h"
#include "fw/abi/mailbox.h"
#include "fw/abi/stats.h"
#include "fw/base/err.h"
#include "fw/base/rng.h"

#define NET_NEIGHBOUR_QUEUE 32u  /* packets that may wait for one neighbour's address */
#define NET_OWN_PACKETS     256u /* of our own, between two net_poll */

/* A row of the generation's ports: a front-panel port, or a VLAN on one. */
struct net_port {
	uint8_t mac[6]; /* a VLAN's is its port's */
	uint16_t mtu_bytes;
	uint16_t tag;      /* of the VLAN; 0: a port */
	uint32_t offloads; /* bits of enum port_offload that its device claims */
	bool usable;       /* configured, and the device is there */
};

#define NET_VLAN_SLOTS 128u
#define NET_ROW_NONE   UINT32_MAX

/* A VLAN by its port and tag. */
struct net_vlan {
	uint16_t tag; /* 0: free */
	uint8_t port, row;
};

/*
 * The part of a generation that this layer needs, made by config_view.c, which owns it; immutable.
 * Own addresses are the ports' addresses and the virtual servers' addresses: both are answered in
 * ARP and ND on the port whose prefix covers them.
 */
struct net_config {
	const struct generation *generation; /* ports, addresses, routes of it are used */
	uint32_t port_count;
	struct net_port ports[LIMIT_INTERFACES]; /* by index of the generation's ports */
	/* open-addressed, filled and searched by net_config_vlan_* */
	struct net_vlan vlans[NET_VLAN_SLOTS];
	/* open-addressed hash set of virtual server addresses, filled and searched by net_config_own_* */
	uint32_t own_mask; /* size - 1, a power of two at least twice LIMIT_VIRTUAL_SERVERS' use */
	struct addr *own;  /* unused entries are addr_any */
};

struct net;

/* What a worker's network layer is made of; borrows mbufs and stats for its life. */
struct net_setup {
	struct rte_mempool *mbufs;  /* for packets of its own */
	struct stats_worker *stats; /* where it counts */
	uint64_t seed;              /* for timer jitter, identification fields and keys of tables */
	bool reassembles; /* puts fragments together: one worker does, and only that one gets any */
};

enum net_next {
	NET_DROP, /* path.c drops it for `reason` */
	NET_IP,   /* goes to ip_input */
	NET_TCP, /* a TCP segment for one of our addresses: m starts at the TCP header, trimmed to the IP payload */
	NET_TCP_STRAY, /* the same, but not for one of our addresses: for a connection that has outlived its virtual server, or dropped for `reason` */
	NET_PUNT, /* for the kernel, packet_of(m)->service says why: m starts at its IP header; for punt_copy, then to be freed */
	NET_ICMP_ERROR, /* an ICMP error about a TCP connection, described in the packet: for tcp_icmp_error, then to be freed */
	NET_REASSEMBLED, /* consumed, and a datagram is whole: net_reassembled gives it, its owner's ip_input goes on */
	NET_TAKEN,   /* consumed */
	NET_SEND,    /* eth_output: complete frame, to be sent on packet_of(m)->port */
	NET_RESOLVE, /* eth_output: worker 0 has to find its neighbour (HANDOFF_RESOLVE, net_resolve); m starts at its IP header */
};

struct net_verdict {
	enum net_next next;
	enum drop_reason reason; /* with NET_DROP and NET_TCP_STRAY */
};

size_t net_memory_bytes(const struct net_setup *setup);
/*
 * Makes the network layer of a worker in memory (64-byte aligned, net_memory_bytes long, taken
 * over). Copies setup. Gives.
 */
struct net *net_init(void *memory, const struct net_setup *setup);
/*
 * For several workers, right after net_init: worker 0 keeps the neighbours and publishes them in the
 * table, the others send by what they read there. Without it this layer is alone. Borrows table for
 * its life.
 */
void net_share(struct net *net, struct neighbour_table *table, uint32_t worker);
/* Frees all packets that it holds; the memory is the caller's again. */
void net_fini(struct net *net);
/*
 * From now on this configuration; the old one is not referred to any more. Neighbours stay. Borrows
 * config until the next call.
 */
void net_configure(struct net *net, const struct net_config *config, uint64_t now_us);
/*
 * Has our addresses on a port probed for duplicates, then announced (claim.c): anew all of them, for
 * a link that came up; else those that weren't before, for a configuration.
 */
void net_probe(struct net *net, unsigned port, bool anew, uint64_t now_us);
/*
 * Announces all own addresses on a port without asking (gratuitous ARP, RFC 5227 3; unsolicited
 * neighbour advertisement), and once more after two seconds: when we have taken them over.
 */
void net_announce(struct net *net, unsigned port, uint64_t now_us);

/* ---- in (eth.c, ipv4.c, ipv6.c, icmp.c). Each takes m unless the verdict is NET_DROP; a layer strips its header. ---- */
/* port: the row of the front-panel port that received it. */
struct net_verdict eth_input(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t now_us);
struct net_verdict ip_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/*
 * After NET_REASSEMBLED: the datagram, at its IP header, packet_of(m)->port as one of its pieces came. Larger than one
 * buffer it is a chain, which ip_input alone understands. Gives.
 */
struct rte_mbuf *net_reassembled(struct net *net);

/*
 * ---- out. m starts at the layer-4 header, with checksum or with packet_of(m)->lacks saying that it is to be made here
 * or by the port; packet_of(m) has src, dst, protocol, traffic_class (hop_limit 0: default 64). ----
 */
/* Prepends the IP header and finds port and next hop. NET_IP: go on with eth_output. */
struct net_verdict ip_output(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/*
 * Prepends the Ethernet header. NET_SEND, NET_TAKEN (waits for the neighbour, bounded), NET_RESOLVE
 * (not on worker 0), NET_DROP. Must follow ip_output of the same m at once.
 */
struct net_verdict eth_output(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/*
 * On worker 0, what had verdict NET_RESOLVE on another one, packet_of(m)->worker: as ip_output and
 * eth_output, but m starts at its IP header already. NET_DROP for a reason that lasts, and what
 * net_timers hands out later, is for that worker to hear of (HANDOFF_UNREACHABLE).
 */
struct net_verdict net_resolve(struct net *net, struct rte_mbuf *m, uint64_t now_us);

/* Fetches up to n complete frames of our own (ARP, ND, ICMP answers, packets whose neighbour has answered); gives them, packet_of(m)->port says where. */
uint16_t net_poll(struct net *net, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
/*
 * Retries and ages neighbours. Packets that waited in vain are handed out (gives) with their
 * reason, up to n a call, for path.c to drop; the destination is still in packet_of(m) with src/dst
 * ports when TCP, so that path.c can tell TCP (unreachable).
 */
uint16_t net_timers(struct net *net, struct rte_mbuf **expired, uint16_t n, uint64_t now_us);
/*
 * When net_timers wants to be called next; UINT64_MAX: not at all; 0: net_poll has something now.
 */
uint64_t net_next_us(const struct net *net);
/* Whether net_timers may find something to do: to be asked each turn, for less than the above cost. */
bool net_timers_are_due(const struct net *net, uint64_t now_us);

/*
 * Which own address to use towards dst: the first address on the connected or routed port, of dst's
 * family. ERR_no_route.
 */
MUST_CHECK enum err
net_source_addr(const struct net *net, const struct addr *dst, struct addr *src);
/*
 * Largest TCP payload towards dst, from the port's MTU without options: 1460 or 1440 on Ethernet.
 * 536 or 1220 when there is no route.
 */
uint16_t net_mss(const struct net *net, const struct addr *dst);

/* Whether the port towards dst cuts long packets into segments (PORT_OFFLOAD_TSO); false when in doubt. */
bool net_cuts(struct net *net, const struct addr *dst);

/* ---- set of own virtual addresses in net_config (route.c) ---- */
void net_config_own_add(struct net_config *config, const struct addr *a);
bool net_config_own_has(const struct net_config *config, const struct addr *a);

/* ---- show.c: what people ask for, an index at a time; of worker 0. Once there is a configuration. ---- */
enum net_shown {
	NET_SHOWN,      /* out is filled */
	NET_SHOWN_NONE, /* nothing has this index */
	NET_SHOWN_END,  /* nor has any behind it */
};
enum net_shown net_show_neighbour(const struct net *net, uint32_t index, uint64_t now_us,
				  struct mailbox_neighbour *out);
enum net_shown net_show_route(const struct net *net, uint32_t index, struct mailbox_route *out);
enum net_shown net_show_address(const struct net *net, uint32_t index, struct mailbox_address *out);

/* ---- VLANs by port and tag in net_config (eth.c); at most LIMIT_VLANS of them ---- */
void net_config_vlan_add(struct net_config *config, uint32_t port, uint32_t tag, uint32_t row);
/* NET_ROW_NONE: there is no such VLAN on the port. */
uint32_t net_config_vlan_row(const struct net_config *config, uint32_t port, uint32_t tag);

/* ---- checksum.c: RFC 1071, 32-bit partial sums in host order of 16-bit wire words ---- */
uint32_t checksum_add(uint32_t sum, const void *data, uint32_t len_bytes);
uint32_t checksum_pseudo(const struct addr *src, const struct addr *dst, uint8_t protocol,
			 uint32_t len_bytes);
/*
 * Folded and complemented, as it goes into the header (store raw). 0 of a message that includes its
 * checksum means: right.
 */
static inline uint16_t
checksum_finish(uint32_t sum)
{
	sum = (sum >> 16) + (sum & UINT16_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	return (uint16_t)~sum;
}

/* Makes what packet_of(m)->lacks, and says there that nothing lacks any more; m, of one segment, starts at its TCP header. */
void checksum_complete(struct rte_mbuf *m);

/* What the port says of a received packet's checksums (mbuf ol_flags): its IPv4 header's, its TCP segment's. */
enum offload_sum { OFFLOAD_SUM_UNKNOWN, OFFLOAD_SUM_GOOD, OFFLOAD_SUM_BAD };

static inline enum offload_sum
offload_ip_sum(const struct rte_mbuf *m)
{
	uint64_t said = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (likely(said == RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN))
		return OFFLOAD_SUM_UNKNOWN;
	return said == RTE_MBUF_F_RX_IP_CKSUM_BAD ? OFFLOAD_SUM_BAD : OFFLOAD_SUM_GOOD;
}

/* RTE_MBUF_F_RX_L4_CKSUM_NONE says that the data is right although no sum was made yet. */
static inline enum offload_sum
offload_tcp_sum(const struct rte_mbuf *m)
{
	uint64_t said = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	if (likely(said == RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN))
		return OFFLOAD_SUM_UNKNOWN;
	return said == RTE_MBUF_F_RX_L4_CKSUM_BAD ? OFFLOAD_SUM_BAD : OFFLOAD_SUM_GOOD;
}

/* ICMP errors in terms that TCP understands (RFC 1122 4.2.3.9, RFC 5461). */
enum icmp_kind {
	ICMP_KIND_UNREACHABLE_SOFT,
	ICMP_KIND_UNREACHABLE_HARD,
	ICMP_KIND_TOO_BIG,
	ICMP_KIND_TIME_EXCEEDED
};

#endif
