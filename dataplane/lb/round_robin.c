/*
 * Weighted round robin, stratified (Ramabhadran and Pasquale: Stratified round robin, SIGCOMM 2003): among the
 * groups of a tier smoothly by the sum of their weights, within a group in turn and in configured
 * order, where weights differ by less than a factor of two.
 *
 * As long as nothing changes, each member is picked exactly `weight` times in as many picks as all
 * weights add up to, at most twice in a row within its group; members of equal weight take turns
 * a b c a b c.
 */
#include "dataplane/lb/lb_priv.h"

uint32_t
lb_round_robin(struct lb *lb, struct lb_pool *pool, enum place tier)
{
	unsigned state = state_of_tier(tier);
	struct lb_group *candidates[CLASSES], *group;
	uint32_t count, found = 0, index;
	struct lb_set *set;

	group = tier_groups(lb, pool, tier, &count);
	for (; count > 0; count--, group++)
		if (group->set[state].count > 0)
			candidates[found++] = group;
	group = lb_spread(candidates, found, state);
	set = &group->set[state];
	group->cursor = bits_next(set->bits, group->size, group->cursor);
	index = lb->order[group->first + group->cursor];
	if (!lb_take_turn(group, &lb->members[index]))
		group->cursor++;
	return index;
}

/*
 * Smooth weighted round robin, as nginx does it among servers. Nobody's claim grows beyond what is
 * there: after a group has shrunk it neither waits nor takes over for long.
 */
struct lb_group *
lb_spread(struct lb_group *const *groups, uint32_t count, unsigned state)
{
	struct lb_group *best = groups[0];
	int64_t total = 0;

	if (count == 1)
		return best;
	for (uint32_t i = 0; i < count; i++)
		total += groups[i]->set[state].weight;
	for (uint32_t i = 0; i < count; i++) {
		struct lb_set *set = &groups[i]->set[state];

		set->current += set->weight;
		if (set->current > 2 * total)
			set->current = 2 * total;
		if (set->current < -2 * total)
			set->current = -2 * total;
		if (set->current > best->set[state].current)
			best = groups[i];
	}
	best->set[state].current -= total;
	return best;
}

/*
 * Deficit round robin: a visit earns a member its weight, a turn costs the lowest weight of the
 * group. So each visit is one turn or two.
 */
bool
lb_take_turn(const struct lb_group *group, struct lb_member *member)
{
	if (member->credit < group->weight_min)
		member->credit += member->weight;
	member->credit -= group->weight_min;
	return member->credit >= group->weight_min;
}
