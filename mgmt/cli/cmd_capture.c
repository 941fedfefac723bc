/*
 * capture: frames that a filter lets through, both ways, into a pcapng file. The file is this process's
 * own, written with the rights of who gave the command; "-" is the output.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/pcapng.h"
#include "mgmt/cli/tap.h"

struct capture {
	struct cli *cli;
	const char *filter, *path;
	const struct stats *stats;
	struct tap_plan plan;
	uint32_t tag; /* of the one VLAN that is wanted; 0: none */
	FILE *out;    /* NULL: not open */
	int why;      /* errno of the first write that failed */
	uint64_t wanted, frames;
	uint64_t frames_on[LIMIT_PORTS]; /* by interface */
	uint64_t last_unix_us;
	uint32_t interfaces;          /* in the file */
	uint32_t device[LIMIT_PORTS]; /* by interface */
};

static bool options(struct cli *cli, const struct cli_args *args, const struct stats *stats,
		    struct tap_plan *plan, struct capture *capture);
static enum cli_code run(struct capture *capture);
static bool begun(void *context);
static FILE *open_file(struct cli *cli, const char *path);
static bool take(void *context, const struct tap_record *record);
static void write_end(struct capture *capture, const struct tap_result *result);
static bool end_file(struct capture *capture);

/* args: filter, file, options. */
enum cli_code
cmd_capture(struct cli *cli, const struct cli_args *args)
{
	struct capture capture = {
		.cli = cli, .filter = args->word[0], .path = args->word[1], .wanted = UINT64_MAX
	};
	enum cli_code code = CLI_FAILED;
	struct cli_run files;

	tap_plan_all(&capture.plan);
	if (cli_run_open(cli, &files, CLI_NEED_STATS) &&
	    options(cli, args, files.stats, &capture.plan, &capture) &&
	    tap_compile(cli, capture.filter, capture.tag, &capture.plan)) {
		capture.stats = files.stats;
		code = run(&capture);
	}
	cli_run_close(&files);
	return code;
}

/* count N, on PORT, snap-bytes N, in any order. */
static bool
options(struct cli *cli, const struct cli_args *args, const struct stats *stats,
	struct tap_plan *plan, struct capture *capture)
{
	uint64_t number;

	for (size_t i = 2; i < args->count; i += 2) {
		const char *name = args->word[i];
		const char *value = i + 1 < args->count ? args->word[i + 1] : "";

		if (strcmp(name, "count") == 0) {
			if (!tap_number(cli, "number of frames", value, UINT64_MAX / 2, &number))
				return false;
			plan->frames = capture->wanted = number;
		} else if (strcmp(name, "snap-bytes") == 0) {
			if (!tap_number(cli, "number of bytes", value, UINT32_MAX, &number))
				return false;
			plan->kept_bytes = number < TAP_KEPT_MAX ? (uint32_t)number : TAP_KEPT_MAX;
		} else if (strcmp(name, "on") == 0) {
			if (!tap_set_port(cli, stats, value, plan, &capture->tag))
				return false;
		} else {
			fprintf(cli->err,
				"%s: no such option (count N, on PORT, snap-bytes N); a filter of "
				"several words stands in double quotes\n",
				name);
			return false;
		}
	}
	return true;
}

static enum cli_code
run(struct capture *capture)
{
	struct tap_reader reader = { .begun = begun, .take = take, .context = capture };
	struct tap_result result;
	enum cli_code code = tap_run(capture->cli, TAP_CAPTURE, &capture->plan, &reader, &result);

	if (!capture->out)
		return code;
	write_end(capture, &result);
	if (!end_file(capture))
		code = CLI_FAILED;
	if (code == CLI_OK)
		fprintf(capture->cli->err,
			"%" PRIu64 " frame%s captured, %" PRIu64 " lost for want of room\n",
			capture->frames, capture->frames == 1 ? "" : "s", result.lost);
	return code;
}

/* Not before: one that is refused must not cut short what is in the file, another capture perhaps. */
static bool
begun(void *context)
{
	struct capture *capture = context;

	capture->out = open_file(capture->cli, capture->path);
	if (!capture->out)
		return false;
	pcapng_section(capture->out, "fairlead");
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (capture->stats->ports[i].name[0]) {
			char name[STATS_PORT_NAME_BYTES + 1];

			snprintf(name, sizeof name, "%.*s", STATS_PORT_NAME_BYTES,
				 capture->stats->ports[i].name);
			pcapng_interface(capture->out, name, capture->plan.kept_bytes,
					 capture->filter);
			capture->device[capture->interfaces++] = i;
		}
	return true;
}

static FILE *
open_file(struct cli *cli, const char *path)
{
	FILE *out;
	int fd;

	if (strcmp(path, "-") == 0)
		return cli->out;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!out) {
		fprintf(cli->err, "can't write %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return out;
}

static bool
take(void *context, const struct tap_record *record)
{
	struct capture *capture = context;
	uint32_t interface = 0;

	while (interface < capture->interfaces && capture->device[interface] != record->device)
		interface++;
	if (record->kind != TAP_CAPTURE || interface == capture->interfaces)
		return true;
	pcapng_frame(capture->out, interface, record);
	capture->frames_on[interface]++;
	capture->last_unix_us = record->unix_us;
	if (ferror(capture->out)) {
		capture->why = errno;
		return false;
	}
	return ++capture->frames < capture->wanted;
}

static void
write_end(struct capture *capture, const struct tap_result *result)
{
	char lost[80] = "";

	if (result->lost)
		snprintf(lost, sizeof lost,
			 "%" PRIu64 " frames of all ports were lost for want of room",
			 result->lost);
	for (uint32_t i = 0; i < capture->interfaces; i++) {
		pcapng_statistics(capture->out, i, capture->last_unix_us, capture->frames_on[i],
				  lost);
		lost[0] = '\0';
	}
}

static bool
end_file(struct capture *capture)
{
	bool is_ours = capture->out != capture->cli->out;
	bool failed = ferror(capture->out);

	if (failed && !capture->why)
		capture->why = errno; /* of what was written at the end */
	if (fflush(capture->out) != 0 && !failed) {
		failed = true;
		capture->why = errno;
	}
	if (is_ours && fclose(capture->out) != 0 && !failed) {
		failed = true;
		capture->why = errno;
	}
	if (failed)
		fprintf(capture->cli->err, "can't write %s: %s\n", capture->path,
			strerror(capture->why));
	return !failed;
}
