/*
 * Our claims to our own addresses, on each port: asked whether another machine has the address, announced, defended.
 * Worker 0 alone does this; arp.c and nd.c tell of conflicts.
 *
 * RFC 5227 (IPv4) and RFC 4862 5.4 (IPv6) in one: three probes, then two announcements. Optimistic as RFC 4429: an
 * address is answered for and used from the beginning, so that service does not wait for the probes; the announcement
 * half a second after the first probe doesn't override what others know already (IPv6; ARP has no such flag, but who has the
 * address has answered the first probe by then). Found taken while it is probed, an address is a duplicate: it is not
 * answered for and no source until a round of probes, one a minute, goes unanswered.
 *
 * An address that was once found free on a link that brought frames is never given up: a later conflict, also one that
 * is met while it is probed again since its link came up, is counted and answered by an announcement, once in ten seconds
 * (RFC 5227 2.4 (c)). Otherwise anybody on the link could take it out of service by a lie. Another machine's probe is no
 * conflict: we hold the address, and the answer says so.
 *
 * Left out: the nonce of RFC 7527 (frames that come back are known by our MAC address), MLD reports before probing.
 */
#include "dataplane/net/net_priv.h"

#define SCAN_STEPS       256u /* configured addresses looked at in one net_poll */
#define TIMERS_BURST     64u
#define PROBE_WAIT_US    100000u /* so that not all go out at once; RFC 5227 has up to a second */
#define RETRY_US         100000u /* after a probe could not be sent */
#define DUPLICATE_US     60000000u
#define DEFEND_PERIOD_US 10000000u /* DEFEND_INTERVAL */

enum action { PROBE, ANNOUNCE_EARLY, ANNOUNCE };

/* PROBE_NUM 3, PROBE_MIN 1 s, ANNOUNCE_WAIT 2 s, ANNOUNCE_NUM 2, ANNOUNCE_INTERVAL 2 s. */
static const struct {
	enum action action;
	uint32_t then_us;
} plan[] = {
	{ PROBE, 500000 },  { ANNOUNCE_EARLY, 500000 }, { PROBE, 1000000 },
	{ PROBE, 2000000 }, { ANNOUNCE, 2000000 },      { ANNOUNCE, 0 },
};

#define PLAN_STEPS  (sizeof plan / sizeof *plan)
#define PLAN_PROVEN 4u /* when it comes here, all probes have gone unanswered */

static uint32_t *bucket_of(struct net *net, const struct addr *addr, unsigned port);
static void
begin(struct net *net, const struct addr *addr, unsigned port, bool anew, uint64_t now_us);
static struct claim *make(struct net *net, const struct addr *addr, unsigned port);
static void start_timer(struct net *net, struct claim *claim, uint64_t due_us);
static void step(struct net *net, struct claim *claim, uint64_t now_us);
static enum drop_reason act(struct net *net, const struct claim *claim, enum action action);
static void set_state(struct net *net, struct claim *claim, enum claim_state state);
static void publish(struct net *net);
static void forget(struct net *net, struct claim *claim);

void
claim_init(struct net *net, void *pool_memory)
{
	pool_init(&net->claims, pool_memory, sizeof(struct claim), CLAIMS);
	wheel_init(&net->claim_wheel, &((struct claim *)pool_at(&net->claims, 0))->timer,
		   sizeof(struct claim), 0);
	for (unsigned i = 0; i < CLAIM_BUCKETS; i++)
		net->claim_bucket[i] = POOL_NONE;
}

void
claim_fini(struct net *net)
{
	for (uint32_t index = 0; index < CLAIMS; index++)
		if (pool_is_used(&net->claims, index))
			forget(net, pool_at(&net->claims, index));
	memset(net->claim_scan, 0, sizeof net->claim_scan);
	net->claim_scans = 0;
}

struct claim *
claim_find(const struct net *net, const struct addr *addr, unsigned port)
{
	uint32_t index = *bucket_of((struct net *)(uintptr_t)net, addr, port);

	while (index != POOL_NONE) {
		struct claim *claim = pool_at(&net->claims, index);

		if (addr_equal(&claim->addr, addr) && claim->port == port)
			return claim;
		index = claim->bucket_next;
	}
	return NULL;
}

static uint32_t *
bucket_of(struct net *net, const struct addr *addr, unsigned port)
{
	return &net->claim_bucket[addr_hash(addr, net->hash_key[1] + port, net->hash_key[0]) &
				  (CLAIM_BUCKETS - 1)];
}

void
claim_port(struct net *net, unsigned port, bool anew)
{
	net->claim_scans += net->claim_scan[port] == CLAIM_SCAN_NONE;
	if (anew)
		net->claim_scan[port] = CLAIM_SCAN_ALL;
	else if (net->claim_scan[port] == CLAIM_SCAN_NONE)
		net->claim_scan[port] = CLAIM_SCAN_NEW;
	net->claim_cursor = 0;
}

void
claim_configure(struct net *net)
{
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++)
		if (net->claim_scan[port] != CLAIM_SCAN_NONE &&
		    net->port_mac[port] == MAC_UNUSABLE) {
			net->claim_scan[port] = CLAIM_SCAN_NONE;
			net->claim_scans--;
		}
	net->claim_cursor = 0;
	net->claim_sweep = 0;
}

void
claim_forget_port(struct net *net, unsigned port)
{
	for (uint32_t i = 0; i < net->claims.used_max; i++) {
		struct claim *claim = pool_at(&net->claims, i);

		if (pool_is_used(&net->claims, i) && claim->port == port)
			forget(net, claim);
	}
}

bool
claim_is_busy(const struct net *net)
{
	return net->claim_scans || net->claim_sweep < net->claims.used_max;
}

/* Addresses that went are forgotten first, so that one that comes back is probed anew. */
void
claim_scan(struct net *net, uint64_t now_us)
{
	unsigned steps = 0, port = 0;

	for (; steps < SCAN_STEPS && net->claim_sweep < net->claims.used_max; steps++) {
		struct claim *claim = pool_at(&net->claims, net->claim_sweep);

		if (pool_is_used(&net->claims, net->claim_sweep++) &&
		    !route_has_on(net, &claim->addr, claim->port))
			forget(net, claim);
	}
	for (; steps < SCAN_STEPS && net->claim_scans; steps++) {
		const struct addr *addr;

		while (net->claim_scan[port] == CLAIM_SCAN_NONE)
			port++;
		addr = net_own_at(net, port, net->claim_cursor++);
		if (addr && route_has_on(net, addr, port))
			begin(net, addr, port, net->claim_scan[port] == CLAIM_SCAN_ALL, now_us);
		if (addr)
			continue;
		net->claim_scan[port] = CLAIM_SCAN_NONE;
		net->claim_scans--;
		net->claim_cursor = 0;
	}
}

/* One that is known already goes on as it is, or begins its probes anew. */
static void
begin(struct net *net, const struct addr *addr, unsigned port, bool anew, uint64_t now_us)
{
	struct claim *claim = claim_find(net, addr, port);

	if (claim && !anew)
		return;
	if (!claim)
		claim = make(net, addr, port);
	if (!claim)
		return;
	claim->step = 0;
	if (claim->state == CLAIM_HELD)
		claim->state = CLAIM_PROBING;
	start_timer(net, claim, now_us + rng_below(&net->rng, PROBE_WAIT_US));
}

/* NULL: there are more than the pool has; those are held without asking. */
static struct claim *
make(struct net *net, const struct addr *addr, unsigned port)
{
	uint32_t index = pool_get(&net->claims);
	uint32_t *bucket = bucket_of(net, addr, port);
	struct claim *claim;

	if (index == POOL_NONE)
		return NULL;
	claim = pool_at(&net->claims, index);
	*claim = (struct claim){
		.addr = *addr, .port = (uint8_t)port, .state = CLAIM_PROBING, .bucket_next = *bucket
	};
	*bucket = index;
	return claim;
}

static void
start_timer(struct net *net, struct claim *claim, uint64_t due_us)
{
	wheel_start(&net->claim_wheel, pool_index(&net->claims, claim), due_us);
}

void
claim_timers(struct net *net, uint64_t now_us)
{
	uint32_t index;

	for (unsigned n = 0; n < TIMERS_BURST; n++) {
		if (!wheel_expire(&net->claim_wheel, now_us, &index))
			return;
		step(net, pool_at(&net->claims, index), now_us);
	}
}

static void
step(struct net *net, struct claim *claim, uint64_t now_us)
{
	enum drop_reason reason;

	if (net->port_mac[claim->port] == MAC_UNUSABLE || claim->step >= PLAN_STEPS)
		return;
	if (claim->step == PLAN_PROVEN && claim->state != CLAIM_HELD) {
		claim->proven |= net->heard[claim->port];
		set_state(net, claim, CLAIM_HELD);
	}
	reason = act(net, claim, plan[claim->step].action);
	if (reason) {
		net->stats->drop[reason]++;
		start_timer(net, claim, now_us + RETRY_US);
		return;
	}
	if (++claim->step < PLAN_STEPS)
		start_timer(net, claim, now_us + plan[claim->step - 1].then_us);
}

static enum drop_reason
act(struct net *net, const struct claim *claim, enum action action)
{
	const struct addr *addr = &claim->addr;
	bool v4 = addr_is_v4(addr);

	switch (action) {
	case PROBE:
		return v4 ? arp_probe(net, claim->port, addr) : nd_probe(net, claim->port, addr);
	case ANNOUNCE_EARLY:
		if (claim->state == CLAIM_DUPLICATE)
			return DROP_none;
		return v4 ? arp_announce(net, claim->port, addr)
			  : nd_announce(net, claim->port, addr, claim->proven);
	case ANNOUNCE:
		break;
	}
	return v4 ? arp_announce(net, claim->port, addr)
		  : nd_announce(net, claim->port, addr, true);
}

void
claim_conflict(struct net *net, const struct addr *addr, unsigned port, uint64_t mac,
	       uint64_t now_us)
{
	struct claim *claim = claim_find(net, addr, port);
	enum drop_reason reason;

	if (!claim || (claim->state == CLAIM_DUPLICATE && claim->step == 0))
		return;
	if (claim->state == CLAIM_DUPLICATE || (claim->state == CLAIM_PROBING && !claim->proven)) {
		claim->mac = mac;
		claim->step = 0;
		set_state(net, claim, CLAIM_DUPLICATE);
		start_timer(net, claim,
			    now_us + DUPLICATE_US + rng_below(&net->rng, DUPLICATE_US / 4));
		return;
	}
	if (claim->defended_us && now_us < claim->defended_us + DEFEND_PERIOD_US)
		return;
	reason = act(net, claim, ANNOUNCE);
	net->stats->drop[reason] += reason != DROP_none;
	net->stats->counter[COUNTER_own_addresses_defended] += reason == DROP_none;
	claim->defended_us = now_us;
}

static void
set_state(struct net *net, struct claim *claim, enum claim_state state)
{
	bool was_duplicate = claim->state == CLAIM_DUPLICATE;

	claim->state = (uint8_t)state;
	if (was_duplicate == (state == CLAIM_DUPLICATE))
		return;
	net->duplicates += was_duplicate ? -1u : 1u;
	net->stats->counter[COUNTER_own_addresses_duplicate] = net->duplicates;
	if (net->table)
		publish(net);
}

/* All of them; that there are some is rare. */
static void
publish(struct net *net)
{
	struct duplicate_view views[NET_DUPLICATES];
	uint32_t count = 0;

	for (uint32_t i = 0; i < net->claims.used_max && count < NET_DUPLICATES; i++) {
		const struct claim *claim = pool_at(&net->claims, i);

		if (pool_is_used(&net->claims, i) && claim->state == CLAIM_DUPLICATE)
			views[count++] =
			    (struct duplicate_view){ claim->addr, claim->mac, claim->port };
	}
	neighbour_table_publish_duplicates(net->table, views, count);
}

static void
forget(struct net *net, struct claim *claim)
{
	uint32_t index = pool_index(&net->claims, claim);
	uint32_t *link = bucket_of(net, &claim->addr, claim->port);

	set_state(net, claim, CLAIM_PROBING);
	wheel_stop(&net->claim_wheel, index);
	while (*link != index)
		link = &((struct claim *)pool_at(&net->claims, *link))->bucket_next;
	*link = claim->bucket_next;
	pool_put(&net->claims, index);
}

bool
claim_is_duplicate(const struct net *net, const struct addr *addr, unsigned port)
{
	const struct claim *claim;

	if (net->reads)
		return neighbour_table_is_duplicate(net->table, addr, port);
	if (net->duplicates == 0)
		return false;
	claim = claim_find(net, addr, port);
	return claim && claim->state == CLAIM_DUPLICATE;
}
