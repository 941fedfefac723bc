/*
 * Pools and members as an engineer asks for them: which one is meant, what its monitor found, what
 * an operator said, and what follows of both: who gets traffic.
 */
#ifndef MGMT_CLI_MEMBER_H
#define MGMT_CLI_MEMBER_H

#include "mgmt/cli/cli.h"

/* How good a member is for a new session; the balancer picks from the best there is. */
enum member_rank {
	MEMBER_UNFIT,           /* down, or an operator said no */
	MEMBER_UNPROVEN_BACKUP, /* not probed enough */
	MEMBER_UNPROVEN,
	MEMBER_BACKUP,
	MEMBER_FIT,
};

struct member_pool {
	enum member_rank best;  /* of those below their limit */
	uint32_t primaries;     /* members that are no backup */
	uint32_t primaries_fit; /* of those */
	uint32_t full;          /* members that are fit, but at their limit */
};

/* By name; NULL: said so on cli->err, with what there is. Lends. */
const struct gen_pool *
member_find_pool(struct cli *cli, const struct cli_run *run, const char *name);
/* The pool's member "ADDRESS:PORT"; NULL: said so. Lends. */
const struct gen_member *member_find(struct cli *cli, const struct cli_run *run,
				     const struct gen_pool *pool, const char *text);
/* "10.0.0.1:80" or "[fd00::1]:80"; false and *out untouched if it is neither. */
bool member_parse_endpoint(const char *text, struct endpoint *out);

/*
 * What the pool's monitor found out, or in a pool without one the clients' connections; NULL:
 * nothing yet. Lends.
 */
const struct health_entry *
member_health(const struct cli_run *run, const struct gen_member *member);
/*
 * "up", "down", "unknown", and in a pool without monitor "no-monitor" unless connections failed.
 */
const char *member_state_text(const struct cli_run *run, const struct gen_member *member);
enum member_admin member_admin_state(const struct cli_run *run, const struct gen_member *member);

void
member_pool_look(const struct cli_run *run, const struct gen_pool *pool, struct member_pool *out);
/*
 * Whether new sessions go there: "yes", "no", "full" (at its limit) or "backup" (not while another
 * one can).
 */
const char *member_traffic_text(const struct cli_run *run, const struct gen_member *member,
				const struct member_pool *pool);
/*
 * What its virtual servers are then: "up" (all members but backups get traffic), "degraded",
 * "unknown" (none is known to be up), "down".
 */
const char *member_pool_state_text(const struct member_pool *pool);

#endif
