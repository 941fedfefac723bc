/*
 * What the generation, the health file and the counters together say of a member. It follows what
 * the balancer does (dataplane/lb): who is up before backups that are up, those before who is not
 * known yet, and nobody at its limit.
 */
#include "mgmt/cli/member.h"

#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/choices.h"

static enum member_rank rank(const struct cli_run *run, const struct gen_member *member);
static bool is_full(const struct cli_run *run, const struct gen_member *member);

const struct gen_pool *
member_find_pool(struct cli *cli, const struct cli_run *run, const char *name)
{
	struct choices pools = { 0 };

	for (uint32_t i = 0; i < run->gen->pools.count; i++) {
		const struct gen_pool *pool = &generation_pools(run->gen)[i];

		if (strcmp(generation_text(run->gen, pool->name), name) == 0) {
			choices_free(&pools);
			return pool;
		}
		choices_add(&pools, generation_text(run->gen, pool->name), "pool");
	}
	fprintf(cli->err, "there is no pool %s", name);
	choices_say_nearest(&pools, name, cli->err);
	choices_free(&pools);
	return NULL;
}

const struct gen_member *
member_find(struct cli *cli, const struct cli_run *run, const struct gen_pool *pool,
	    const char *text)
{
	struct choices members = { 0 };
	struct endpoint endpoint;
	bool parsed = member_parse_endpoint(text, &endpoint);

	for (uint32_t i = 0; i < pool->member_count; i++) {
		const struct gen_member *member =
		    &generation_members(run->gen)[pool->first_member + i];
		char name[ENDPOINT_TEXT_MAX];

		if (parsed && endpoint_equal(&member->endpoint, &endpoint)) {
			choices_free(&members);
			return member;
		}
		choices_add(&members, endpoint_format(&member->endpoint, name), "member");
	}
	if (parsed)
		fprintf(cli->err, "pool %s has no member %s", generation_text(run->gen, pool->name),
			text);
	else
		fprintf(cli->err, "%s is no ADDRESS:PORT like 10.0.1.11:80 or [fd00::11]:80", text);
	choices_say_nearest(&members, text, cli->err);
	choices_free(&members);
	return NULL;
}

bool
member_parse_endpoint(const char *text, struct endpoint *out)
{
	bool bracketed = text[0] == '[';
	const char *colon = strrchr(text, ':');
	char address[ADDR_TEXT_MAX], *end;
	struct endpoint endpoint;
	unsigned long port;
	size_t len;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	len = (size_t)(colon - text) - (bracketed ? 2 : 0);
	if (*end || port == 0 || port > 65535 || colon - text < (bracketed ? 2 : 1) ||
	    len >= sizeof address || (bracketed && colon[-1] != ']'))
		return false;
	memcpy(address, text + bracketed, len);
	address[len] = '\0';
	if (!addr_parse(address, &endpoint.addr) || addr_is_v4(&endpoint.addr) == bracketed)
		return false;
	endpoint.port = (uint16_t)port;
	*out = endpoint;
	return true;
}

const struct health_entry *
member_health(const struct cli_run *run, const struct gen_member *member)
{
	const struct gen_pool *pool = &generation_pools(run->gen)[member->pool];
	uint64_t hash = pool->monitor == GENERATION_NONE
			    ? HEALTH_PASSIVE_HASH
			    : generation_monitors(run->gen)[pool->monitor].hash;

	return run->health
		   ? health_find(run->health, &member->endpoint.addr, member->endpoint.port, hash)
		   : NULL;
}

const char *
member_state_text(const struct cli_run *run, const struct gen_member *member)
{
	const struct health_entry *health = member_health(run, member);
	enum health_state state = health ? (enum health_state)health->state : HEALTH_UNKNOWN;

	if (generation_pools(run->gen)[member->pool].monitor == GENERATION_NONE &&
	    state != HEALTH_DOWN)
		return "no-monitor";
	return health_state_text(state);
}

enum member_admin
member_admin_state(const struct cli_run *run, const struct gen_member *member)
{
	const struct health_admin *admin =
	    run->health ? health_admin_find(run->health, member->owner) : NULL;

	return admin ? (enum member_admin)admin->state : MEMBER_ENABLED;
}

void
member_pool_look(const struct cli_run *run, const struct gen_pool *pool, struct member_pool *out)
{
	const struct gen_member *members = &generation_members(run->gen)[pool->first_member];

	*out = (struct member_pool){ 0 };
	for (uint32_t i = 0; i < pool->member_count; i++) {
		enum member_rank its = rank(run, &members[i]);

		out->primaries += !members[i].backup;
		out->primaries_fit += its == MEMBER_FIT;
		if (its != MEMBER_UNFIT && is_full(run, &members[i]))
			out->full++;
		else if (its > out->best)
			out->best = its;
	}
}

const char *
member_traffic_text(const struct cli_run *run, const struct gen_member *member,
		    const struct member_pool *pool)
{
	enum member_rank its = rank(run, member);

	if (its == MEMBER_UNFIT)
		return "no";
	if (is_full(run, member))
		return "full";
	if (its == pool->best)
		return "yes";
	return member->backup ? "backup" : "no";
}

const char *
member_pool_state_text(const struct member_pool *pool)
{
	if (pool->best < MEMBER_BACKUP && pool->full == 0)
		return pool->best == MEMBER_UNFIT ? "down" : "unknown";
	return pool->primaries_fit == pool->primaries && pool->best == MEMBER_FIT ? "up"
										  : "degraded";
}

static enum member_rank
rank(const struct cli_run *run, const struct gen_member *member)
{
	enum member_rank up = member->backup ? MEMBER_BACKUP : MEMBER_FIT;
	const struct health_entry *health;

	switch (member_admin_state(run, member)) {
	case MEMBER_FORCED_UP:
		return up;
	case MEMBER_ENABLED:
		break;
	default:
		return MEMBER_UNFIT;
	}
	health = member_health(run, member);
	if (health && health->state != HEALTH_UNKNOWN)
		return health->state == HEALTH_UP ? up : MEMBER_UNFIT;
	if (generation_pools(run->gen)[member->pool].monitor == GENERATION_NONE)
		return up;
	return member->backup ? MEMBER_UNPROVEN_BACKUP : MEMBER_UNPROVEN;
}

static bool
is_full(const struct cli_run *run, const struct gen_member *member)
{
	return member->connection_limit &&
	       cli_member_counter(run, member, MEMBER_COUNTER_sessions_open) >=
		   member->connection_limit;
}
