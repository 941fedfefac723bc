/*
 * The run directory as commands see it: which files are there, whose counters a slot holds.
 */
#include "mgmt/cli/cli.h"

#include <time.h>

#include "fw/base/version.h"
#include "mgmt/push/view.h"

static uint64_t not_below_0(uint64_t sum);
static bool say(struct cli *cli, enum err err, const char *file, const char *missing);

bool
cli_run_open(struct cli *cli, struct cli_run *run, unsigned need)
{
	enum err err;

	*run = (struct cli_run){ 0 };
	if (need & CLI_NEED_STATS) {
		err = view_stats(cli->run_dir, &run->stats_map, &run->stats);
		if (err == ERR_ok && !view_is_alive(cli->run_dir, run->stats))
			err = ERR_not_found;
		if (!say(cli, err, FILES_STATS, "the data plane is not running"))
			return false;
	}
	if (need & CLI_NEED_GENERATION) {
		err = view_generation(cli->run_dir, &run->generation_map, &run->gen);
		if (!say(cli, err, FILES_CONFIG_CURRENT, "no configuration is loaded"))
			return false;
		err = view_health(cli->run_dir, &run->health_map, &run->health);
		if (err != ERR_not_found && !say(cli, err, FILES_HEALTH, ""))
			return false;
	}
	return true;
}

void
cli_run_close(struct cli_run *run)
{
	files_unmap(&run->stats_map);
	files_unmap(&run->health_map);
	files_unmap(&run->generation_map);
}

uint64_t
cli_vs_counter(const struct cli_run *run, const struct gen_virtual_server *vs,
	       enum vs_counter counter)
{
	return run->stats->vs_owner[vs->stats_slot] == vs->owner
		   ? not_below_0(stats_vs(run->stats, vs->stats_slot, counter))
		   : 0;
}

uint64_t
cli_member_counter(const struct cli_run *run, const struct gen_member *member,
		   enum member_counter counter)
{
	return run->stats->member_owner[member->stats_slot] == member->owner
		   ? not_below_0(stats_member(run->stats, member->stats_slot, counter))
		   : 0;
}

/* What is open now is a sum over workers that write while it is read; no counter gets that far. */
static uint64_t
not_below_0(uint64_t sum)
{
	return (int64_t)sum < 0 ? 0 : sum;
}

static bool
say(struct cli *cli, enum err err, const char *file, const char *missing)
{
	if (err == ERR_ok)
		return true;
	if (err == ERR_not_found)
		fprintf(cli->err, "%s\n", missing);
	else if (err == ERR_version)
		fprintf(cli->err, "%s/%s was made by another version than this one (%s)\n",
			cli->run_dir, file, fairlead_version);
	else
		fprintf(cli->err, "%s/%s: %s\n", cli->run_dir, file, err_text(err));
	return false;
}

const char *
cli_time(uint64_t unix_us, bool milliseconds, char out[CLI_TIME_BYTES])
{
	time_t seconds = (time_t)(unix_us / 1000000);
	struct tm utc;
	size_t len = 0;

	out[0] = '\0';
	if (unix_us == 0 || !gmtime_r(&seconds, &utc))
		return out;
	len = strftime(out, CLI_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
	if (milliseconds)
		snprintf(out + len, CLI_TIME_BYTES - len, ".%03uZ",
			 (unsigned)(unix_us / 1000 % 1000));
	else
		snprintf(out + len, CLI_TIME_BYTES - len, "Z");
	return out;
}
