/*
 * The methods that pick by the client's address, so that a client stays with its member.
 *
 *   source hash  the key draws one of the configured members by weight
 *   Maglev       the key draws a slot of the table that mgmt/push/maglev.c has built (Eisenbud et al.: Maglev,
 *                NSDI 2016): when the pool changes, few keys move
 *
 * A member that can't be picked is passed over by drawing again from the same stream: nobody else's
 * key moves, and when it is back, so are its clients. Backup members, unless there are no others,
 * get the keys when no primary one is left.
 *
 * The hash's key is fixed and known, so that after a restart, and on another box, a client finds
 * the same member. Who chooses its address may choose its member.
 */
#include "dataplane/lb/lb_priv.h"

#include "fw/base/siphash.h"

#define DRAWS_MAX 32u /* each is accepted in at least half of all cases */

static uint32_t
draw(const struct lb *lb, const struct lb_group *groups, uint32_t count, struct rng *stream);
static uint32_t nearest(const struct lb *lb, const struct lb_group *groups, uint32_t count,
			unsigned state, uint32_t drawn);

struct rng
lb_hash(const struct addr *client)
{
	static const struct siphash_key key = { 0x666169726c656164u, 0x62616c616e636572u };
	struct rng stream;

	rng_init(&stream, siphash(&key, client->byte, sizeof client->byte));
	return stream;
}

uint32_t
lb_source_hash(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client)
{
	struct rng stream = lb_hash(client);
	uint32_t count, index = MEMBER_NONE;
	const struct lb_group *groups = tier_groups(lb, pool, tier, &count);

	for (unsigned i = 0; i < HASH_ATTEMPTS; i++) {
		index = draw(lb, groups, count, &stream);
		if (lb->members[index].place == tier)
			return index;
	}
	return nearest(lb, groups, count, state_of_tier(tier), index);
}

uint32_t
lb_maglev(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client)
{
	bool in_table = !(tier & 1) || pool->group_count[0] == 0;
	struct rng stream = lb_hash(client);

	for (unsigned i = 0; in_table && i < HASH_ATTEMPTS; i++) {
		uint32_t index =
		    pool->first_member + pool->slots[rng_below(&stream, pool->slot_count)];

		if (lb->members[index].place == tier)
			return index;
	}
	return lb_source_hash(lb, pool, tier, client);
}

/* A configured member, each as likely as its weight says. */
static uint32_t
draw(const struct lb *lb, const struct lb_group *groups, uint32_t count, struct rng *stream)
{
	uint32_t total = 0, at, index = MEMBER_NONE;
	const struct lb_group *group = groups;

	for (uint32_t i = 0; i < count; i++)
		total += groups[i].weight;
	at = rng_below(stream, total);
	while (at >= group->weight)
		at -= group++->weight;
	for (unsigned i = 0; i < DRAWS_MAX; i++) {
		index = lb->order[group->first + rng_below(stream, group->size)];
		if (lb->members[index].weight > rng_below(stream, group->weight_max))
			break;
	}
	return index;
}

/*
 * Nearly everybody is out, and many draws have found nobody: the next one in configured order
 * behind the last one drawn, or of the next group that has one. Shares are uneven then, but still
 * no client moves without need.
 */
static uint32_t
nearest(const struct lb *lb, const struct lb_group *groups, uint32_t count, unsigned state,
	uint32_t drawn)
{
	const struct lb_group *group = &lb->groups[lb->members[drawn].group];
	uint32_t from = lb->members[drawn].at;

	while (group->set[state].count == 0) {
		group = group + 1 == groups + count ? groups : group + 1;
		from = 0;
	}
	return lb->order[group->first + bits_next(group->set[state].bits, group->size, from)];
}
