/*
 * The neighbours on our links, both families: which Ethernet address they have, whether that is still true, and the packets
 * that wait for the answer. eth_output asks here when a neighbour is not simply reachable; arp.c and nd.c tell what they
 * hear.
 *
 * RFC 4861 7.2 and 7.3 (states, timers), used for ARP as well (RFC 1122 2.3.2.1). In the order of a neighbour's life.
 *
 * Worker 0 alone keeps them; where there are others (net_share) each change is published, see resolve.c.
 *
 * An address that was confirmed is not given up for an announcement: neighbour_learn takes another Ethernet address only for
 * entries that are stale or unknown, or as the answer to a question to all. A change that is merely claimed makes us ask
 * the old address; when it doesn't answer, the entry goes and the next packet asks all.
 */
#include "dataplane/net/net_priv.h"

#define EVICT_STEPS  32u /* entries that one search for a victim looks at */
#define TIMERS_BURST 64u /* entries handled in one net_timers */

static uint32_t bucket_of(const struct net *net, const struct addr *addr, unsigned port);
static struct neighbour *make(struct net *net, const struct addr *addr, unsigned port);
static bool evict(struct net *net, bool unresolved_only, uint64_t now_us);
static bool may_go(const struct neighbour *n, bool unresolved_only, uint64_t now_us);
static bool is_unresolved(const struct neighbour *n);
static struct net_verdict wait_for(struct net *net, struct neighbour *n, struct rte_mbuf *m);
static void ask(struct net *net, struct neighbour *n, uint64_t now_us);
static void set_state(struct net *net, struct neighbour *n, enum neighbour_state state);
static void publish(struct net *net, const struct neighbour *n);
static void start_timer(struct net *net, struct neighbour *n, uint64_t due_us);
static void
start_asking(struct net *net, struct neighbour *n, enum neighbour_state state, uint64_t now_us);
static void confirm(struct net *net, struct neighbour *n, uint64_t mac, uint64_t now_us);
static void make_stale(struct net *net, struct neighbour *n, uint64_t mac, uint64_t now_us);
static void release_waiting(struct net *net, struct neighbour *n);
static void timeout(struct net *net, struct neighbour *n, uint64_t now_us);
static void forget(struct net *net, struct neighbour *n);

void
neighbour_init(struct net *net, void *pool_memory)
{
	pool_init(&net->neighbours, pool_memory, sizeof(struct neighbour), NET_NEIGHBOURS);
	wheel_init(&net->timers, &((struct neighbour *)pool_at(&net->neighbours, 0))->timer,
		   sizeof(struct neighbour), 0);
	for (unsigned i = 0; i < NEIGHBOUR_BUCKETS; i++)
		net->bucket[i] = POOL_NONE;
}

struct neighbour *
neighbour_find(const struct net *net, const struct addr *addr, unsigned port)
{
	uint32_t index = net->bucket[bucket_of(net, addr, port)];

	while (index != POOL_NONE) {
		struct neighbour *n = pool_at(&net->neighbours, index);

		if (addr_equal(&n->addr, addr) && n->port == port)
			return n;
		index = n->bucket_next;
	}
	return NULL;
}

static uint32_t
bucket_of(const struct net *net, const struct addr *addr, unsigned port)
{
	return addr_hash(addr, net->hash_key[1] + port, net->hash_key[0]) & (NEIGHBOUR_BUCKETS - 1);
}

struct neighbour *
neighbour_make(struct net *net, const struct addr *addr, unsigned port, uint64_t now_us)
{
	struct neighbour *n;

	if (net->unresolved >= NEIGHBOUR_UNRESOLVED && !evict(net, true, now_us))
		return NULL;
	if (net->neighbours.used == NET_NEIGHBOURS && !evict(net, false, now_us))
		return NULL;
	n = make(net, addr, port);
	start_asking(net, n, NEIGHBOUR_INCOMPLETE, now_us);
	return n;
}

/* In state failed, to be set to what it is. There is room. */
static struct neighbour *
make(struct net *net, const struct addr *addr, unsigned port)
{
	uint32_t *bucket = &net->bucket[bucket_of(net, addr, port)];
	uint32_t index = pool_get(&net->neighbours);
	struct neighbour *n = pool_at(&net->neighbours, index);

	ASSERT(index != POOL_NONE);
	n->addr = *addr;
	n->port = (uint8_t)port;
	n->state = NEIGHBOUR_FAILED;
	net->unresolved++;
	if (++net->next_serial == 0)
		net->next_serial = 1;
	n->serial = net->next_serial;
	wheel_node_init(&n->timer);
	n->bucket_next = *bucket;
	*bucket = index;
	return n;
}

/* Makes room: of the next EVICT_STEPS entries, the one goes whose last use is the longest ago. */
static bool
evict(struct net *net, bool unresolved_only, uint64_t now_us)
{
	struct neighbour *victim = NULL;

	for (unsigned step = 0; step < EVICT_STEPS; step++) {
		struct neighbour *n = pool_at(&net->neighbours, net->evict_hand);

		if (++net->evict_hand >= net->neighbours.used_max)
			net->evict_hand = 0;
		if (may_go(n, unresolved_only, now_us) && (!victim || n->used_us < victim->used_us))
			victim = n;
	}
	if (!victim)
		return false;
	forget(net, victim);
	return true;
}

/* Nothing that is reachable or being asked, and nothing that traffic has used lately. */
static bool
may_go(const struct neighbour *n, bool unresolved_only, uint64_t now_us)
{
	if (n->serial == 0 || n->waiting_count)
		return false;
	if (n->state == NEIGHBOUR_FAILED)
		return now_us > n->fresh_until_us;
	if (unresolved_only || (n->state == NEIGHBOUR_REACHABLE && now_us <= n->fresh_until_us))
		return false;
	if (n->state != NEIGHBOUR_REACHABLE && n->state != NEIGHBOUR_STALE)
		return false;
	return n->used_us == 0 || n->used_us + NEIGHBOUR_IDLE_US < now_us;
}

static bool
is_unresolved(const struct neighbour *n)
{
	return !neighbour_state_is_good(n->state);
}

/* A scan that has taken all places of unresolved ones can't keep a gateway from being asked. */
void
neighbour_keep(struct net *net, const struct addr *addr, unsigned port, uint64_t now_us)
{
	struct neighbour *n = neighbour_find(net, addr, port);

	if (!n) {
		if (net->neighbours.used == NET_NEIGHBOURS && !evict(net, false, now_us))
			return;
		n = make(net, addr, port);
		n->fresh_until_us = 0;
	}
	n->used_us = now_us;
	if (n->state == NEIGHBOUR_INCOMPLETE || n->state == NEIGHBOUR_PROBE)
		return;
	if (n->state != NEIGHBOUR_FAILED)
		start_asking(net, n, NEIGHBOUR_PROBE, now_us);
	else if (now_us > n->fresh_until_us && !n->waiting_count)
		start_asking(net, n, NEIGHBOUR_INCOMPLETE, now_us);
}

struct net_verdict
neighbour_output(struct net *net, struct neighbour *n, struct rte_mbuf *m, uint64_t now_us)
{
	switch ((enum neighbour_state)n->state) {
	case NEIGHBOUR_FAILED:
		if (now_us <= n->fresh_until_us || n->waiting_count) {
			neighbour_note_ports(m);
			return net_drop(DROP_neighbour_unreachable);
		}
		start_asking(net, n, NEIGHBOUR_INCOMPLETE, now_us);
		return wait_for(net, n, m);
	case NEIGHBOUR_INCOMPLETE:
		return wait_for(net, n, m);
	case NEIGHBOUR_REACHABLE: /* but no longer fresh */
	case NEIGHBOUR_STALE:
		set_state(net, n, NEIGHBOUR_DELAY);
		start_timer(net, n, now_us + NEIGHBOUR_DELAY_US);
		break;
	case NEIGHBOUR_DELAY:
	case NEIGHBOUR_PROBE:
		break;
	}
	eth_push(net, m, n->port, n->mac, addr_is_v4(&n->addr) ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
	return net_next(NET_SEND);
}

/* The oldest packets wait, the newest is dropped: it is TCP's SYN that waits here, and one is as good as another. */
static struct net_verdict
wait_for(struct net *net, struct neighbour *n, struct rte_mbuf *m)
{
	if (n->waiting_count == NET_NEIGHBOUR_QUEUE || net->waiting == NEIGHBOUR_WAITING)
		return net_drop(DROP_neighbour_queue_full);
	neighbour_note_ports(m);
	n->waiting[n->waiting_count++] = m;
	net->waiting++;
	return net_next(NET_TAKEN);
}

/* So that path.c can tell TCP which connection has lost its packet. */
void
neighbour_note_ports(struct rte_mbuf *m)
{
	struct packet *p = packet_of(m);
	uint32_t offset =
	    addr_is_v4(&p->dst) ? sizeof(struct ipv4_header) : sizeof(struct ipv6_header);
	const be16 *ports = rte_pktmbuf_mtod_offset(m, const be16 *, offset);

	if (p->protocol != IPPROTO_TCP || m->data_len < offset + 2 * sizeof *ports)
		return;
	p->src_port = be16_to(ports[0]);
	p->dst_port = be16_to(ports[1]);
}

static void
start_asking(struct net *net, struct neighbour *n, enum neighbour_state state, uint64_t now_us)
{
	set_state(net, n, state);
	n->tries = 0;
	ask(net, n, now_us);
}

/* To all while incomplete, to the known address when probing. What can't be sent counts as tried. */
static void
ask(struct net *net, struct neighbour *n, uint64_t now_us)
{
	uint64_t mac = n->state == NEIGHBOUR_PROBE ? n->mac : MAC_NONE;
	enum drop_reason reason = addr_is_v4(&n->addr) ? arp_request(net, n->port, &n->addr, mac)
						       : nd_solicit(net, n->port, &n->addr, mac);

	net->stats->drop[reason] += reason != DROP_none;
	n->tries++;
	start_timer(net, n, now_us + NEIGHBOUR_RETRY_US);
}

/* Without a timer. All else that is published is in place before. */
static void
set_state(struct net *net, struct neighbour *n, enum neighbour_state state)
{
	net->unresolved -= is_unresolved(n);
	n->state = (uint8_t)state;
	net->unresolved += is_unresolved(n);
	wheel_stop(&net->timers, pool_index(&net->neighbours, n));
	if (net->table)
		publish(net, n);
}

static void
publish(struct net *net, const struct neighbour *n)
{
	struct neighbour_view view = {
		.addr = n->addr,
		.mac = is_unresolved(n) ? MAC_NONE : n->mac,
		.fresh_until_us = n->fresh_until_us,
		.serial = n->serial,
		.index = pool_index(&net->neighbours, n),
		.port = n->port,
		.state = n->state,
	};

	neighbour_table_publish(net->table, &view);
}

static void
start_timer(struct net *net, struct neighbour *n, uint64_t due_us)
{
	wheel_start(&net->timers, pool_index(&net->neighbours, n), due_us);
}

bool
neighbour_learn(struct net *net, const struct addr *addr, unsigned port, uint64_t mac,
		enum neighbour_news news, uint64_t now_us)
{
	struct neighbour *n = neighbour_find(net, addr, port);

	if (!n) {
		if (news != NEIGHBOUR_ASKS || mac == MAC_NONE)
			return false;
		if (net->neighbours.used == NET_NEIGHBOURS && !evict(net, false, now_us))
			return false;
		n = make(net, addr, port);
	}
	switch ((enum neighbour_state)n->state) {
	case NEIGHBOUR_INCOMPLETE:
		if (mac == MAC_NONE)
			return false;
		if (news == NEIGHBOUR_ANSWERS)
			confirm(net, n, mac, now_us);
		else
			make_stale(net, n, mac, now_us);
		release_waiting(net, n);
		return true;
	case NEIGHBOUR_FAILED:
		if (mac == MAC_NONE || n->waiting_count)
			return false;
		make_stale(net, n, mac, now_us);
		return true;
	case NEIGHBOUR_REACHABLE:
		if (now_us > n->fresh_until_us)
			set_state(net, n, NEIGHBOUR_STALE);
		break;
	default:
		break;
	}
	if (mac == MAC_NONE || mac == n->mac) {
		if (n->state == NEIGHBOUR_PROBE && news == NEIGHBOUR_ANSWERS)
			confirm(net, n, n->mac, now_us);
		else
			return news == NEIGHBOUR_ASKS;
		return true;
	}
	if (n->state == NEIGHBOUR_STALE) {
		make_stale(net, n, mac, now_us);
		return true;
	}
	if (n->state != NEIGHBOUR_PROBE)
		start_asking(net, n, NEIGHBOUR_PROBE, now_us);
	return false;
}

/* Half to one and a half times the base, so that neighbours are not all asked at once (RFC 4861 6.3.2). */
static void
confirm(struct net *net, struct neighbour *n, uint64_t mac, uint64_t now_us)
{
	n->mac = mac;
	n->heard_us = now_us;
	n->fresh_until_us =
	    now_us + NEIGHBOUR_REACHABLE_US / 2 + rng_below(&net->rng, NEIGHBOUR_REACHABLE_US);
	set_state(net, n, NEIGHBOUR_REACHABLE);
}

static void
make_stale(struct net *net, struct neighbour *n, uint64_t mac, uint64_t now_us)
{
	n->mac = mac;
	n->heard_us = now_us;
	set_state(net, n, NEIGHBOUR_STALE);
}

static void
release_waiting(struct net *net, struct neighbour *n)
{
	uint16_t type = addr_is_v4(&n->addr) ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6;

	for (unsigned i = 0; i < n->waiting_count; i++) {
		eth_push(net, n->waiting[i], n->port, n->mac, type);
		net_release(net, n->waiting[i]);
	}
	net->waiting -= n->waiting_count;
	n->waiting_count = 0;
}

uint16_t
neighbour_timers(struct net *net, struct rte_mbuf **expired, uint16_t n, uint64_t now_us)
{
	uint16_t got = 0;
	uint32_t index;

	for (unsigned step = 0; step < TIMERS_BURST && got < n; step++) {
		struct neighbour *due;

		if (!wheel_expire(&net->timers, now_us, &index))
			break;
		due = pool_at(&net->neighbours, index);
		timeout(net, due, now_us);
		if (due->serial == 0 || due->state != NEIGHBOUR_FAILED)
			continue;
		while (due->waiting_count && got < n) {
			expired[got++] = due->waiting[--due->waiting_count];
			net->waiting--;
		}
		if (due->waiting_count) /* go on with it at the next call */
			start_timer(net, due, now_us);
	}
	return got;
}

static void
timeout(struct net *net, struct neighbour *n, uint64_t now_us)
{
	switch ((enum neighbour_state)n->state) {
	case NEIGHBOUR_INCOMPLETE:
		if (n->tries < NEIGHBOUR_TRIES) {
			ask(net, n, now_us);
			return;
		}
		n->fresh_until_us = now_us + NEIGHBOUR_FAILED_US;
		set_state(net, n, NEIGHBOUR_FAILED);
		return;
	case NEIGHBOUR_DELAY:
		start_asking(net, n, NEIGHBOUR_PROBE, now_us);
		return;
	case NEIGHBOUR_PROBE:
		if (n->tries < NEIGHBOUR_TRIES)
			ask(net, n, now_us);
		else
			forget(net, n);
		return;
	case NEIGHBOUR_FAILED: /* packets are still to be handed out */
	case NEIGHBOUR_REACHABLE:
	case NEIGHBOUR_STALE:
		return;
	}
}

/* Destinations that point here see that the serial is another one. */
static void
forget(struct net *net, struct neighbour *n)
{
	uint32_t index = pool_index(&net->neighbours, n);
	uint32_t *link = &net->bucket[bucket_of(net, &n->addr, n->port)];

	ASSERT(n->waiting_count == 0);
	while (*link != index)
		link = &((struct neighbour *)pool_at(&net->neighbours, *link))->bucket_next;
	*link = n->bucket_next;
	wheel_stop(&net->timers, index);
	net->unresolved -= is_unresolved(n);
	if (net->table)
		neighbour_table_withdraw(net->table, index);
	n->serial = 0;
	pool_put(&net->neighbours, index);
}

void
neighbour_forget_port(struct net *net, unsigned port, uint64_t now_us)
{
	for (uint32_t index = 0; index < NET_NEIGHBOURS; index++) {
		struct neighbour *n = pool_at(&net->neighbours, index);

		if (n->serial == 0 || n->port != port)
			continue;
		if (n->waiting_count) {
			n->fresh_until_us = now_us;
			set_state(net, n, NEIGHBOUR_FAILED);
			start_timer(net, n, now_us);
		} else {
			forget(net, n);
		}
	}
}

void
neighbour_fini(struct net *net)
{
	for (uint32_t index = 0; index < NET_NEIGHBOURS; index++) {
		struct neighbour *n = pool_at(&net->neighbours, index);

		if (n->serial == 0)
			continue;
		rte_pktmbuf_free_bulk(n->waiting, n->waiting_count);
		net->waiting -= n->waiting_count;
		n->waiting_count = 0;
		forget(net, n);
	}
}
