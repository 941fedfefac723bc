/*
 * Random of two (Mitzenmacher: The power of two choices, 2001): two members by chance, each as likely as its weight
 * says; the one with fewer sessions by weight is taken. Evens out load nearly as well as least
 * connections, without the herd that many workers with the same view of the least loaded make.
 */
#include "dataplane/lb/lb_priv.h"

#define DRAWS_MAX   32u /* each is accepted in at least half of all cases */
#define SECONDS_MAX 4u  /* draws for a second member that is not the first */

/* A group by its weight, a member of it by accepting each as often as its weight says. */
static uint32_t
draw(struct lb *lb, struct lb_pool *pool, enum place tier)
{
	unsigned state = state_of_tier(tier);
	uint32_t count, total = 0, at, index = MEMBER_NONE;
	struct lb_group *group = tier_groups(lb, pool, tier, &count);

	for (uint32_t i = 0; i < count; i++)
		total += group[i].set[state].weight;
	at = rng_below(&lb->rng, total);
	while (at >= group->set[state].weight)
		at -= group++->set[state].weight;
	for (unsigned i = 0; i < DRAWS_MAX; i++) {
		at = rng_below(&lb->rng, group->set[state].count);
		index = lb->dense[group->first + (state == STATE_UP ? at : group->size - 1 - at)];
		if (lb->members[index].weight > rng_below(&lb->rng, group->weight_max))
			break;
	}
	return index;
}

uint32_t
lb_random_of_two(struct lb *lb, struct lb_pool *pool, enum place tier)
{
	uint32_t first = draw(lb, pool, tier), second = first;

	for (unsigned i = 0; i < SECONDS_MAX && second == first && pool->count[tier] > 1; i++)
		second = draw(lb, pool, tier);
	return is_less_loaded(member_load(lb, second), lb->members[second].weight,
			      member_load(lb, first), lb->members[first].weight)
		   ? second
		   : first;
}
