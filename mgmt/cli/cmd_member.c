/*
 * drain, disable, enable, force: what an operator says of a member. The data plane keeps it in the
 * health file, so it outlives commits and restarts, until it is taken back by `enable`.
 */
#include <inttypes.h>
#include <string.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/push/ask.h"

#define TIMEOUT_MS 3000u

static enum cli_code
set_admin(struct cli *cli, const struct cli_args *args, enum member_admin admin);
static enum cli_code tell(struct cli *cli, const struct cli_run *run,
			  const struct gen_member *member, enum member_admin admin);
static void say_now(struct cli *cli, const struct cli_run *run, const struct gen_member *member,
		    enum member_admin admin);
static void say_pool(struct cli *cli, const struct cli_run *run, const struct gen_pool *pool);

enum cli_code
cmd_drain_member(struct cli *cli, const struct cli_args *args)
{
	return set_admin(cli, args, MEMBER_DRAINED);
}

enum cli_code
cmd_disable_member(struct cli *cli, const struct cli_args *args)
{
	return set_admin(cli, args, MEMBER_DISABLED);
}

enum cli_code
cmd_enable_member(struct cli *cli, const struct cli_args *args)
{
	return set_admin(cli, args, MEMBER_ENABLED);
}

enum cli_code
cmd_force_member_up(struct cli *cli, const struct cli_args *args)
{
	return set_admin(cli, args, MEMBER_FORCED_UP);
}

enum cli_code
cmd_force_member_down(struct cli *cli, const struct cli_args *args)
{
	return set_admin(cli, args, MEMBER_FORCED_DOWN);
}

/* args: pool, member. */
static enum cli_code
set_admin(struct cli *cli, const struct cli_args *args, enum member_admin admin)
{
	const struct gen_member *member = NULL;
	const struct gen_pool *pool = NULL;
	enum cli_code code = CLI_FAILED;
	struct cli_run run;

	if (cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION))
		pool = member_find_pool(cli, &run, args->word[0]);
	if (pool)
		member = member_find(cli, &run, pool, args->word[1]);
	if (member)
		code = tell(cli, &run, member, admin);
	if (code == CLI_OK) {
		say_now(cli, &run, member, admin);
		say_pool(cli, &run, pool);
	}
	cli_run_close(&run);
	return code;
}

static enum cli_code
tell(struct cli *cli, const struct cli_run *run, const struct gen_member *member,
     enum member_admin admin)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = MAILBOX_MEMBER,
					   .owner = member->owner,
					   .admin = admin };
	struct mailbox_reply reply;
	enum err err = ask_dataplane(cli->run_dir, TIMEOUT_MS, &request, &reply);

	if (err == ERR_not_found)
		fprintf(cli->err, "the data plane is not running\n");
	else if (err != ERR_ok)
		fprintf(cli->err, "no answer from the data plane: %s\n", err_text(err));
	else if (reply.err != ERR_ok)
		fprintf(cli->err, "the data plane refused: %s\n",
			reply.text[0] ? reply.text : err_text((enum err)reply.err));
	return err == ERR_ok && reply.err == ERR_ok ? CLI_OK : CLI_FAILED;
}

static void
say_now(struct cli *cli, const struct cli_run *run, const struct gen_member *member,
	enum member_admin admin)
{
	const struct gen_pool *pool = &generation_pools(run->gen)[member->pool];
	uint64_t open = cli_member_counter(run, member, MEMBER_COUNTER_sessions_open);
	char name[ENDPOINT_TEXT_MAX];

	fprintf(cli->out, "%s of pool %s is %s; ", endpoint_format(&member->endpoint, name),
		generation_text(run->gen, pool->name), member_admin_text(admin));
	if (admin == MEMBER_ENABLED)
		fprintf(cli->out, "state %s\n", member_state_text(run, member));
	else if (admin == MEMBER_FORCED_UP)
		fprintf(cli->out, "it gets sessions whatever its monitor finds (%s now)\n",
			member_state_text(run, member));
	else
		fprintf(cli->out, "no new sessions go there, %" PRIu64 " session%s still open\n",
			open, open == 1 ? " is" : "s are");
}

/* What else that means, if it means anything. */
static void
say_pool(struct cli *cli, const struct cli_run *run, const struct gen_pool *pool)
{
	struct member_pool look;

	member_pool_look(run, pool, &look);
	if (look.best == MEMBER_UNFIT && look.full == 0)
		fprintf(
		    cli->out,
		    "warning: no member of pool %s is left for new sessions; they are refused\n",
		    generation_text(run->gen, pool->name));
	else if (look.best == MEMBER_BACKUP)
		fprintf(cli->out, "pool %s is served by its backup members now\n",
			generation_text(run->gen, pool->name));
}
