/*
 * What the files of dataplane/net share: header layouts, the state of a worker's network layer, and
 * the functions that one file has for another. Nobody outside this folder and its tests includes
 * it.
 */
#ifndef DATAPLANE_NET_NET_PRIV_H
#define DATAPLANE_NET_NET_PRIV_H

#include <netinet/in.h>
#include <string.h>

#include "dataplane/net/fragment.h"
#include "dataplane/net/net.h"
#include "drivers/port/port.h"
#include "fw/abi/ping.h"
#include "fw/base/pool.h"
#include "fw/base/rng.h"
#include "fw/base/wheel.h"

/* ---- Ethernet addresses as integers: 48 bits in memory order, so that comparing is one instruction ---- */
#define MAC_NONE      0ull
#define MAC_BROADCAST 0xffffffffffffull
#define MAC_UNUSABLE  UINT64_MAX /* of a port that is not there: equals no address */

static inline uint64_t
mac_load(const uint8_t *at)
{
	uint32_t low;
	uint16_t high;

	memcpy(&low, at, 4);
	memcpy(&high, at + 4, 2);
	return (uint64_t)high << 32 | low;
}

static inline void
mac_store(uint8_t *at, uint64_t mac)
{
	uint32_t low = (uint32_t)mac;
	uint16_t high = (uint16_t)(mac >> 32);

	memcpy(at, &low, 4);
	memcpy(at + 4, &high, 2);
}

static inline bool
mac_is_group(uint64_t mac)
{
	return mac & 1;
}

/* ---- headers as on the wire; all of them start at even addresses ---- */
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP  0x0806
#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_QINQ 0x88a8
#define ETH_TYPE_IPV6 0x86dd

struct eth_header {
	uint8_t dst[6], src[6];
	be16 type;
};

/* IEEE 802.1Q: behind type ETH_TYPE_VLAN. */
struct vlan_header {
	be16 tci; /* priority, drop eligible, tag */
	be16 type;
};

#define VLAN_TAG_MASK 0x0fff

#define ARP_REQUEST 1
#define ARP_REPLY   2

struct arp_header {
	be16 hardware, protocol;
	uint8_t hardware_len, protocol_len;
	be16 operation;
	uint8_t sender_mac[6];
	be32 sender;
	uint8_t target_mac[6];
	be32 target;
};

#define IPV4_DF             0x4000
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENTED     0x3fff /* more fragments, or an offset */
#define IPV4_OFFSET         0x1fff /* in units of 8 bytes */

/* The ECN field of a traffic class (RFC 3168 5). */
#define ECN_MASK 3u
#define ECN_NONE 0u /* not ECN-capable */
#define ECN_CE   3u /* congestion experienced */

struct ipv4_header {
	uint8_t version_len; /* version 4, header length in words */
	uint8_t traffic_class;
	be16 total_len;
	be16 id;
	be16 fragment;
	uint8_t hop_limit;
	uint8_t protocol;
	be16 checksum;
	be32 src, dst;
};

struct ipv6_header {
	be32 version_class_flow;
	be16 payload_len;
	uint8_t next_header;
	uint8_t hop_limit;
	uint8_t src[16], dst[16];
};

#define IPV6_MORE_FRAGMENTS   1
#define IPV6_OFFSET           0xfff8 /* in bytes, where it stands */
#define FRAGMENT_HEADER_BYTES 8u

struct ipv6_fragment_header {
	uint8_t next_header;
	uint8_t reserved;
	be16 offset; /* and more fragments */
	be32 id;
};

#define ICMP_ECHO_REPLY        0
#define ICMP_UNREACHABLE       3
#define ICMP_ECHO_REQUEST      8
#define ICMP_TIME_EXCEEDED     11
#define ICMP_PARAMETER_PROBLEM 12

#define ICMP6_UNREACHABLE       1
#define ICMP6_TOO_BIG           2
#define ICMP6_TIME_EXCEEDED     3
#define ICMP6_PARAMETER_PROBLEM 4
#define ICMP6_ECHO_REQUEST      128
#define ICMP6_ECHO_REPLY        129
#define ICMP6_SOLICITATION      135
#define ICMP6_ADVERTISEMENT     136

#define PROTOCOL_VRRP 112

struct icmp_header {
	uint8_t type, code;
	be16 checksum;
	be32 rest; /* identifier and sequence, MTU, pointer or flags */
};

STATIC_ASSERT(sizeof(struct eth_header) == 14, "as on the wire");
STATIC_ASSERT(sizeof(struct vlan_header) == 4, "as on the wire");
STATIC_ASSERT(sizeof(struct arp_header) == 28, "as on the wire");
STATIC_ASSERT(sizeof(struct ipv4_header) == 20, "as on the wire");
STATIC_ASSERT(sizeof(struct ipv6_header) == 40, "as on the wire");
STATIC_ASSERT(sizeof(struct icmp_header) == 8, "as on the wire");
STATIC_ASSERT(sizeof(struct ipv6_fragment_header) == FRAGMENT_HEADER_BYTES, "as on the wire");

/* ---- neighbours (RFC 4861 7.3.2; the same for ARP) ---- */
#define NEIGHBOUR_BUCKETS (2 * NET_NEIGHBOURS)
#define NEIGHBOUR_UNRESOLVED                                                                       \
	512u /* incomplete or failed entries, so that a scan cannot fill the table */
#define NEIGHBOUR_WAITING      1024u /* packets that wait for neighbours, all together */
#define NEIGHBOUR_TRIES        3     /* MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT (RFC 4861 10) */
#define NEIGHBOUR_RETRY_US     1000000u  /* RETRANS_TIMER */
#define NEIGHBOUR_DELAY_US     5000000u  /* DELAY_FIRST_PROBE_TIME */
#define NEIGHBOUR_REACHABLE_US 30000000u /* REACHABLE_TIME, times 0.5 to 1.5 */
#define NEIGHBOUR_FAILED_US                                                                        \
	1000000u                    /* ours: how long after a failure packets are dropped at once */
#define NEIGHBOUR_IDLE_US 60000000u /* ours: a stale entry not used for so long may be evicted */

/* How we hear of a neighbour's Ethernet address. */
enum neighbour_news {
	NEIGHBOUR_ANSWERS,   /* ARP reply to us, solicited advertisement */
	NEIGHBOUR_ASKS,      /* ARP request or solicitation for an address of ours */
	NEIGHBOUR_ANNOUNCES, /* gratuitous ARP, unsolicited advertisement */
};

struct __attribute__((aligned(64))) neighbour {
	struct addr addr;
	uint64_t mac;            /* MAC_NONE while incomplete */
	uint64_t fresh_until_us; /* see the states */
	uint64_t used_us;        /* last packet sent through it; 0: none yet */
	uint64_t heard_us;       /* its Ethernet address was learned or confirmed; 0: not yet */
	uint32_t serial;         /* differs for each life of a pool entry; 0: free */
	uint32_t bucket_next;    /* index in the pool */
	uint8_t port;
	uint8_t state; /* enum neighbour_state */
	uint8_t tries; /* requests sent in this state */
	uint8_t waiting_count;
	/* cold from here */
	struct wheel_node timer;
	struct rte_mbuf *waiting[NET_NEIGHBOUR_QUEUE]; /* each starts at its IP header */
};

/* Which neighbour a destination goes to: makes the common case of sending one lookup. */
#define DESTINATIONS 4096u

struct destination {
	struct addr addr;
	uint32_t neighbour; /* index, valid if its serial is still this one */
	uint32_t serial;
	uint32_t epoch;    /* of net_configure */
	uint32_t asked_ms; /* a reader's: when worker 0 was told last that it is stale; 0: never */
};

/*
 * Set of our own unicast addresses on ports, open-addressed; and of the broadcast addresses of their IPv4 prefixes, two each.
 */
#define PORT_ADDRESS_SLOTS 4096u
STATIC_ASSERT(PORT_ADDRESS_SLOTS >= 2 * 3 * LIMIT_ADDRESSES, "at most half full");

struct port_address {
	struct addr addr;
	bool used;
	bool broadcast; /* not ours, but a name for all on the port */
	uint8_t port;
	uint32_t services; /* bit for each enum service that the kernel has here */
};

/* ---- our own addresses, each on each port where it is answered for (RFC 5227, RFC 4862 5.4) ---- */
#define CLAIMS        4096u
#define CLAIM_BUCKETS CLAIMS

enum claim_state {
	CLAIM_PROBING, /* in use, while others are asked whether they have it */
	CLAIM_HELD,    /* nobody else had it */
	CLAIM_DUPLICATE, /* another machine has it: not answered for, no source; probed once a minute */
};

enum { CLAIM_SCAN_NONE, CLAIM_SCAN_NEW, CLAIM_SCAN_ALL };

struct claim {
	struct addr addr;
	uint64_t mac;         /* duplicate: of the other machine; MAC_NONE: it didn't say */
	uint64_t defended_us; /* when a conflict was answered last; 0: never */
	uint32_t bucket_next; /* index in the pool */
	uint8_t port;
	uint8_t state;           /* enum claim_state */
	uint8_t step;            /* of claim.c's plan */
	bool proven;             /* was found free once, on a link that brought frames */
	struct wheel_node timer; /* next step of the plan */
};

/* A rate limit (GCRA: a token bucket without a division). */
struct rate_limit {
	uint64_t full_us; /* when the bucket would be full again */
	uint32_t interval_us;
	uint32_t burst_us; /* interval_us * tokens that the bucket holds */
};

/* Room for our own answers, and for all that waited for neighbours on top. */
#define OWN_SLOTS 2048u
STATIC_ASSERT(OWN_SLOTS >= NET_OWN_PACKETS + NEIGHBOUR_WAITING,
	      "released packets always find room");

/* An echo request of ours that is under way, or what became of it (ping.c). */
struct ping {
	struct ping_plan plan;
	struct ping_answer answer; /* when it is over */
	uint64_t sent_us;
	uint16_t sequence;
	bool is_over; /* not: it may still turn out to have been silent */
};

struct net {
	const struct net_config *config;
	uint32_t epoch; /* counts net_configure */
	struct stats_worker *stats;
	struct rte_mempool *mbufs;
	uint64_t port_mac[LIMIT_INTERFACES];
	uint16_t port_tag[LIMIT_INTERFACES]; /* 0: none */
	struct addr
	    link_local[LIMIT_INTERFACES]; /* fe80::/64 from the port's MAC (RFC 4291 appendix A) */
	uint64_t hash_key[2];
	struct rng rng;

	struct neighbour_table *table; /* shared with the other workers; NULL: there are none */
	uint8_t worker;
	bool reads; /* the neighbours are worker 0's: they are looked up in the table */

	/* from ip_output to eth_output of the same packet */
	struct {
		const struct rte_mbuf *packet;
		struct addr addr;
		struct neighbour *neighbour; /* NULL: none yet */
		uint8_t port;
		/* of a reader */
		bool published;                  /* view is it */
		struct neighbour_view view;      /* as it was when the packet was routed */
		struct destination *destination; /* where it is remembered; NULL: nowhere */
	} hop;

	bool any_cuts; /* some port has PORT_OFFLOAD_TSO */
	struct rate_limit echo_limit, error_limit;

	struct fragments *fragments; /* NULL: another worker puts them together */
	struct rte_mbuf *whole;      /* from NET_REASSEMBLED to net_reassembled */

	/* what the kernel may serve and send (punt.c) */
	uint32_t services; /* of all ports together: bit for each enum service */
	uint32_t port_services[LIMIT_INTERFACES];
	struct rate_limit punt_in[SERVICE_COUNT], punt_out[SERVICE_COUNT];

	struct ping ping[PING_SLOTS];
	uint16_t ping_identifier, ping_sequence;

	/* complete frames of our own, waiting for net_poll */
	struct rte_mbuf *own[OWN_SLOTS];
	uint32_t own_head, own_count;

	/* addresses still to announce */
	uint64_t announce_ports;  /* bit k: port k */
	uint32_t announce_cursor; /* next own address of the lowest of them */

	uint64_t announce_again_us;    /* when they are announced once more */
	uint64_t announce_again_ports; /* bit k: port k */

	struct pool claims; /* struct claim */
	struct wheel claim_wheel;
	uint32_t claim_bucket[CLAIM_BUCKETS]; /* index in the pool */
	uint8_t
	    claim_scan[LIMIT_INTERFACES]; /* CLAIM_SCAN_*: which addresses are still to be probed */
	uint32_t claim_scans;             /* ports of which some are */
	uint32_t claim_cursor;            /* next own address of the lowest of them */
	uint32_t claim_sweep;             /* claims up to here are ours in this configuration */
	uint32_t duplicates;              /* claims in that state */
	bool heard[LIMIT_INTERFACES];     /* something has come in by this port */

	struct pool neighbours; /* struct neighbour */
	struct wheel timers;
	uint32_t bucket[NEIGHBOUR_BUCKETS]; /* index in the pool */
	uint32_t unresolved;                /* entries in state incomplete or failed */
	uint32_t waiting;                   /* packets in all queues */
	uint32_t next_serial;
	uint32_t evict_hand; /* index where the next search for a victim starts */

	uint64_t gateways_due_us; /* when gateway_timers has something to do; UINT64_MAX: never */
	uint32_t gateway_cursor;  /* next route * LIMIT_GATEWAYS + gateway */

	struct port_address port_addresses[PORT_ADDRESS_SLOTS];
	struct destination destinations[DESTINATIONS];
};

static inline struct net_verdict
net_drop(enum drop_reason reason)
{
	return (struct net_verdict){ NET_DROP, reason };
}

static inline struct net_verdict
net_next(enum net_next next)
{
	return (struct net_verdict){ next, DROP_none };
}

/*
 * A segment that is not for us may have a connection here all the same, if its virtual server was
 * removed meanwhile: only TCP knows.
 */
static inline bool
net_is_stray(const struct packet *p, enum drop_reason reason)
{
	return reason == DROP_ip_not_for_us && p->protocol == IPPROTO_TCP;
}

static inline struct net_verdict
net_tcp(enum drop_reason reason)
{
	return (struct net_verdict){ reason ? NET_TCP_STRAY : NET_TCP, reason };
}

/* Of a header without options, its own checksum included as it stands: 0 if that is right. As checksum_finish gives it. */
static inline uint16_t
ipv4_header_sum(const struct ipv4_header *ip)
{
	uint32_t word[5];
	uint64_t sum;

	STATIC_ASSERT(sizeof *ip == sizeof word, "five words of 32 bits");
	memcpy(word, ip, sizeof word);
	sum = (uint64_t)word[0] + word[1] + word[2] + word[3] + word[4];
	sum = (sum >> 32) + (sum & UINT32_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	return (uint16_t)~((sum >> 16) + sum);
}

static inline uint32_t
addr_hash(const struct addr *a, uint64_t key0, uint64_t key1)
{
	unsigned __int128 product = (unsigned __int128)(a->word[0] ^ key0) * (a->word[1] ^ key1);
	uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);

	return (uint32_t)(mixed ^ mixed >> 32);
}

/* ---- net.c ---- */
/* A new mbuf that will go out by port, its packet zeroed; NULL if there is none. Gives. */
struct rte_mbuf *net_make(struct net *net, unsigned port);
/* Queues a complete frame for net_poll; takes m if true. False: as many of our own wait as may. */
bool net_push(struct net *net, struct rte_mbuf *m);
/*
 * All our own addresses of a port, by number, candidates that it doesn't answer for (route_has_on)
 * among them: its own, its link-local one, the virtual servers'. NULL: no more. Lends.
 */
const struct addr *net_own_at(const struct net *net, unsigned port, uint32_t at);
/* Same for packets that waited for their neighbour; frees m where there is no room. */
void net_release(struct net *net, struct rte_mbuf *m);
/* Through ip_output and eth_output to net_poll. Takes m unless NET_DROP. */
struct net_verdict net_send(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/* Frees a packet that we made ourselves and counts it. */
void net_discard(struct net *net, struct rte_mbuf *m, enum drop_reason reason);
/* n at once: all of them or none. */
bool rate_limit_allows(struct rate_limit *limit, uint32_t n, uint64_t now_us);
/* One, as long as the bucket holds more than reserve_us afterwards. */
bool rate_limit_allows_above(struct rate_limit *limit, uint32_t reserve_us, uint64_t now_us);

/* ---- eth.c ---- */
/* Prepends the Ethernet header from port's own address, with the tag if it is a VLAN. */
void eth_push(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t dst_mac, uint16_t type);

/* ---- offload.c: m starts at the IP header ---- */
/* Whether this packet may leave by its port, as long as it is. */
bool offload_fits(const struct net *net, const struct rte_mbuf *m);
/* Has the port make what the packet lacks, or makes it. Once it is known which port that is, before the frame's header. */
void offload_finish(const struct net *net, struct rte_mbuf *m, unsigned port);

/* ---- arp.c ---- */
struct net_verdict arp_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/* Asks for target; by unicast if mac is not MAC_NONE. DROP_none or why it could not. */
enum drop_reason
arp_request(struct net *net, unsigned port, const struct addr *target, uint64_t mac);
enum drop_reason arp_announce(struct net *net, unsigned port, const struct addr *own);
/* Asks whether anybody has our address (RFC 5227 2.1.1). */
enum drop_reason arp_probe(struct net *net, unsigned port, const struct addr *own);
/* Whether one of our ports has this Ethernet address: our own frames may come back. */
bool net_mac_is_ours(const struct net *net, uint64_t mac);

/* ---- nd.c ---- */
#define HOP_LIMIT_ON_LINK 255 /* nothing that came over a router has it */
/* m starts at its ICMPv6 header, whose checksum is right. */
struct net_verdict nd_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
enum drop_reason
nd_solicit(struct net *net, unsigned port, const struct addr *target, uint64_t mac);
/* override: others are to take our Ethernet address even if they know another one. */
enum drop_reason nd_announce(struct net *net, unsigned port, const struct addr *own, bool override);
/* Asks whether anybody has our address (RFC 4862 5.4.2). */
enum drop_reason nd_probe(struct net *net, unsigned port, const struct addr *own);
/* ff02::1 or ff02::1:ff00:0/104 */
bool nd_is_our_group(const struct addr *a);

/* ---- neighbour.c ---- */
void neighbour_init(struct net *net, void *pool_memory);
/* Forgets all; frees the packets that wait. */
void neighbour_fini(struct net *net);
struct neighbour *neighbour_find(const struct net *net, const struct addr *addr, unsigned port);
/* Makes an entry that is incomplete; NULL if the table has no room. */
struct neighbour *
neighbour_make(struct net *net, const struct addr *addr, unsigned port, uint64_t now_us);
/* What eth_output does when the neighbour is not simply reachable. m starts at its IP header. */
struct net_verdict
neighbour_output(struct net *net, struct neighbour *n, struct rte_mbuf *m, uint64_t now_us);
/*
 * Takes note; mac may be MAC_NONE (advertisement without option). False if the news is not
 * accepted.
 */
bool neighbour_learn(struct net *net, const struct addr *addr, unsigned port, uint64_t mac,
		     enum neighbour_news news, uint64_t now_us);
/* Enters a TCP packet's ports in packet_of(m), so that path.c can tell TCP whose it was. m starts at its IP header. */
void neighbour_note_ports(struct rte_mbuf *m);
/* Forgets all on this port; packets that wait are handed out by net_timers. */
void neighbour_forget_port(struct net *net, unsigned port, uint64_t now_us);
uint16_t neighbour_timers(struct net *net, struct rte_mbuf **expired, uint16_t n, uint64_t now_us);

/* Asks it now, if it isn't being asked: for one that is wanted, used or not. */
void neighbour_keep(struct net *net, const struct addr *addr, unsigned port, uint64_t now_us);

/* ---- icmp.c, for ping.c ---- */
/* The checksum of an outgoing message; ICMPv6 covers the addresses as well. */
void icmp_finish(struct rte_mbuf *m);

/* ---- ping.c ---- */
void ping_init(struct net *net);
/* Whether an echo reply, m from its ICMP header on with a right checksum, or an ICMP error, is about a probe of ours: noted then. */
bool ping_reply(struct net *net, const struct rte_mbuf *m, uint64_t now_us);
bool ping_error(struct net *net, const struct rte_mbuf *m, uint64_t now_us);
/* Whether an echo has our identifier; it holds 8 bytes. */
bool ping_is_ours(const struct net *net, const struct icmp_header *icmp);

/* ---- punt.c ---- */
void punt_init(struct net *net);
/* Behind route_configure. */
void punt_configure(struct net *net);
/* Whether a frame of that EtherType to the group address dst is for a service of the port; its packet begins at ip_at. */
bool punt_is_group(const struct net *net, const struct rte_mbuf *m, uint32_t ip_at, uint64_t dst,
		   uint16_t type, unsigned port);
/*
 * Whether a packet for one of our addresses (no reason to drop it), or for a group that a service has
 * (DROP_ip_not_for_us), is the kernel's: then *verdict is NET_PUNT or NET_DROP. m starts at its IP header of
 * header_len bytes, packet_of(m) is filled. Only while net->services.
 */
bool punt_input(struct net *net, struct rte_mbuf *m, uint32_t header_len, enum drop_reason reason,
		uint64_t now_us, struct net_verdict *verdict);

/* ---- claim.c ---- */
void claim_init(struct net *net, void *pool_memory);
void claim_fini(struct net *net);
struct claim *claim_find(const struct net *net, const struct addr *addr, unsigned port);
/* Has the port's addresses probed: those that are new, or all anew. */
void claim_port(struct net *net, unsigned port, bool anew);
/* Another configuration: what is no more in it will be forgotten. */
void claim_configure(struct net *net);
/* Another link is there. */
void claim_forget_port(struct net *net, unsigned port);
/* Whether claim_scan has something to do; claim_scan does some of it. */
bool claim_is_busy(const struct net *net);
void claim_scan(struct net *net, uint64_t now_us);
void claim_timers(struct net *net, uint64_t now_us);
/* Another machine says that it has our address; mac may be MAC_NONE. */
void claim_conflict(struct net *net, const struct addr *addr, unsigned port, uint64_t mac,
		    uint64_t now_us);
bool claim_is_duplicate(const struct net *net, const struct addr *addr, unsigned port);

/* ---- gateway.c ---- */
/* Which gateway of the route dst goes by; NULL if none of their ports is there. Lends. */
const struct gen_gateway *
gateway_choose(const struct net *net, const struct gen_route *route, const struct addr *dst);
void gateway_configure(struct net *net, uint64_t now_us);
/* Asks gateways, at net->gateways_due_us. */
void gateway_timers(struct net *net, uint64_t now_us);

/* ---- resolve.c ---- */
/* eth_output of a reader: by what is published of net->hop. m starts at its IP header. */
struct net_verdict resolve_output(struct net *net, struct rte_mbuf *m, uint64_t now_us);

/* ---- ipv4.c, ipv6.c: m starts at the IP header ---- */
struct net_verdict ipv4_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
struct net_verdict ipv6_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/* id and fragment are the fields of the IPv4 header, host order. */
void ipv4_push(struct rte_mbuf *m, uint16_t id, uint16_t fragment);
void ipv6_push(struct rte_mbuf *m);

/* ---- icmp.c ---- */
struct net_verdict icmp_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
struct net_verdict icmp6_input(struct net *net, struct rte_mbuf *m, uint64_t now_us);
/*
 * Sends an ICMP or ICMPv6 error about m, which starts at its IP header; rate limited. rest is the
 * header's second word. Borrows m.
 */
void icmp_send_error(struct net *net, struct rte_mbuf *m, uint8_t type, uint8_t code, uint32_t rest,
		     uint64_t now_us);

/* ---- route.c ---- */
/* Rebuilds what is derived from net->config. */
void route_configure(struct net *net);
/* Where dst is reached: fills port and next hop. Link-local addresses need *port given. */
bool route_lookup(const struct net *net, const struct addr *dst, uint8_t *port, struct addr *hop);
/* Fills net->hop for packet m and packet_of(m)->port. */
bool route_output(struct net *net, struct rte_mbuf *m);
/* The port's own address that is a, NULL: none. Lends. */
struct port_address *route_port_address(const struct net *net, const struct addr *a);
/* Whether a is our own unicast address, whatever the port (a link-local address: on this port). */
bool route_is_own(const struct net *net, const struct addr *a, unsigned port);
/* Whether a is the broadcast address of a port's IPv4 prefix, of ones or of zeroes (RFC 1122 3.2.1.3). */
bool route_is_broadcast(const struct net *net, const struct addr *a);
/* Whether a is configured to be answered for on this port. */
bool route_has_on(const struct net *net, const struct addr *a, unsigned port);
/* Whether we answer for a in ARP and ND on this port: not if another machine has it, too. */
bool route_is_own_on(const struct net *net, const struct addr *a, unsigned port);
/* The address of port whose prefix covers a, NULL if there is none; lends. */
const struct gen_address *
route_connected(const struct net *net, unsigned port, const struct addr *a);

#endif
