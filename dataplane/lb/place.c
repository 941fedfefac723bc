/*
 * Which tier a member belongs to now, and moving it there: constant time for any number of members.
 */
#include "dataplane/lb/lb_priv.h"

static void enter(struct lb *lb, uint32_t index, enum place tier);
static void leave(struct lb *lb, uint32_t index, enum place tier);

/*
 * Without a monitor a member is up. Where traffic judges it instead (a passive entry), it is
 * unknown until connections fail, and that counts as up.
 */
static enum health_state
health_now(const struct lb *lb, uint32_t member)
{
	const struct health_entry *entry = lb->setup.health[member];
	const struct gen_pool *pool =
	    &generation_pools(lb->setup.gen)[lb->gen_members[member].pool];
	uint8_t state = entry ? __atomic_load_n(&entry->state, __ATOMIC_RELAXED) : HEALTH_UP;

	if (state == HEALTH_UNKNOWN && pool->monitor == GENERATION_NONE)
		return HEALTH_UP;
	return (enum health_state)state;
}

enum place
lb_place_now(const struct lb *lb, uint32_t member)
{
	const struct health_admin *said = lb->setup.admin[member];
	uint8_t admin = said ? __atomic_load_n(&said->state, __ATOMIC_RELAXED) : MEMBER_ENABLED;
	bool backup = lb->gen_members[member].backup;
	enum health_state health;

	if (lb->members[member].held)
		return PLACE_OUT;
	if (admin != MEMBER_ENABLED && admin != MEMBER_FORCED_UP)
		return PLACE_OUT;
	health = admin == MEMBER_FORCED_UP ? HEALTH_UP : health_now(lb, member);
	if (health != HEALTH_UP && health != HEALTH_UNKNOWN)
		return PLACE_OUT;
	if (lb->members[member].limit != NO_LIMIT &&
	    member_load(lb, member) >= lb->members[member].limit)
		return PLACE_AT_LIMIT;
	return (health == HEALTH_UP ? TIER_UP : TIER_UNKNOWN) + backup;
}

void
lb_move(struct lb *lb, uint32_t index, enum place to)
{
	struct lb_pool *pool = &lb->pools[lb->gen_members[index].pool];
	struct lb_member *member = &lb->members[index];
	enum place from = (enum place)member->place;

	if (from < TIERS) {
		leave(lb, index, from);
		pool->count[from]--;
	}
	pool->at_limit -= from == PLACE_AT_LIMIT;
	pool->at_limit += to == PLACE_AT_LIMIT;
	member->place = (uint8_t)to;
	if (to < TIERS) {
		enter(lb, index, to);
		pool->count[to]++;
	}
}

static void
enter(struct lb *lb, uint32_t index, enum place tier)
{
	struct lb_member *member = &lb->members[index];
	struct lb_group *group = &lb->groups[member->group];
	unsigned state = state_of_tier(tier);
	struct lb_set *set = &group->set[state];

	bits_set(set->bits, group->size, member->at);
	member->dense =
	    group->first + (state == STATE_UP ? set->count : group->size - 1 - set->count);
	lb->dense[member->dense] = index;
	set->count++;
	set->weight += member->weight;
	if (member->uses_queue)
		lb_queue_add(lb, index, state);
}

static void
leave(struct lb *lb, uint32_t index, enum place tier)
{
	struct lb_member *member = &lb->members[index];
	struct lb_group *group = &lb->groups[member->group];
	unsigned state = state_of_tier(tier);
	struct lb_set *set = &group->set[state];
	uint32_t last;

	if (member->uses_queue)
		lb_queue_remove(lb, index, state);
	set->weight -= member->weight;
	set->count--;
	last = group->first + (state == STATE_UP ? set->count : group->size - 1 - set->count);
	lb->dense[member->dense] = lb->dense[last];
	lb->members[lb->dense[last]].dense = member->dense;
	bits_clear(set->bits, group->size, member->at);
}
