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
	FILE *out;
	uint64_t wanted, frames;
	uint64_t frames_on[LIMIT_PORTS]; /* by interface */
	uint64_t last_unix_us;
	uint32_t interfaces;          /* in the file */
	uint32_t device[LIMIT_PORTS]; /* by interface */
};

static bool options(struct cli *cli, const struct cli_args *args, const struct stats *stats,
		    struct tap_plan *plan, struct capture *capture);
static FILE *open_file(struct cli *cli, const char *path);
static enum cli_code run(struct cli *cli, const struct cli_args *args, const struct stats *stats,
			 const struct tap_plan *plan, struct capture *capture);
static bool take(void *context, const struct tap_record *record);
static void write_end(struct capture *capture, const struct tap_result *result);

/* args: filter, file, options. */
enum cli_code
cmd_capture(struct cli *cli, const struct cli_args *args)
{
	struct capture capture = { .wanted = UINT64_MAX };
	enum cli_code code = CLI_FAILED;
	struct cli_run files;
	struct tap_plan plan;

	if (cli_run_open(cli, &files, CLI_NEED_STATS) && tap_compile(cli, args->word[0], &plan) &&
	    options(cli, args, files.stats, &plan, &capture))
		capture.out = open_file(cli, args->word[1]);
	if (capture.out) {
		code = run(cli, args, files.stats, &plan, &capture);
		if (capture.out != cli->out && fclose(capture.out) != 0) {
			fprintf(cli->err, "can't write %s: %s\n", args->word[1], strerror(errno));
			code = CLI_FAILED;
		}
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
			if (!tap_set_port(cli, stats, value, plan))
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

static enum cli_code
run(struct cli *cli, const struct cli_args *args, const struct stats *stats,
    const struct tap_plan *plan, struct capture *capture)
{
	struct tap_result result;
	enum cli_code code;

	pcapng_section(capture->out, "fairlead");
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (stats->ports[i].name[0]) {
			char name[STATS_PORT_NAME_BYTES + 1];

			snprintf(name, sizeof name, "%.*s", STATS_PORT_NAME_BYTES,
				 stats->ports[i].name);
			pcapng_interface(capture->out, name, plan->kept_bytes, args->word[0]);
			capture->device[capture->interfaces++] = i;
		}
	code = tap_run(cli, TAP_CAPTURE, plan, take, capture, &result);
	write_end(capture, &result);
	if (fflush(capture->out) != 0 || ferror(capture->out)) {
		fprintf(cli->err, "can't write %s: %s\n", args->word[1], strerror(errno));
		code = CLI_FAILED;
	}
	if (code == CLI_OK)
		fprintf(cli->err,
			"%" PRIu64 " frame%s captured, %" PRIu64 " lost for want of room\n",
			capture->frames, capture->frames == 1 ? "" : "s", result.lost);
	return code;
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
	return ++capture->frames < capture->wanted && !ferror(capture->out);
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
