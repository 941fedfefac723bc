/*
 * From a filter's text to frames. The filter is compiled here, by libpcap; the data plane checks the
 * program once more and runs it. Frames are fetched from it by the mailbox, some at a time; who does not fetch for
 * a while loses them, so that a killed command line leaves nothing running.
 */
#include "mgmt/cli/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pcap/pcap.h>

#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/view.h"

#define TIMEOUT_MS    3000u
#define PAUSE_MIN_NS  1000000L /* between two looks that found nothing */
#define PAUSE_MAX_NS  16000000L
#define FILTER_LENGTH 262144 /* what a filter answers for "all of it" */

struct reading {
	struct cli *cli;
	struct mailbox_request request;
	const struct tap_reader *reader;
	struct tap_result *result;
	bool enough;
	bool ended; /* by the data plane */
};

static enum cli_code start(struct reading *r, const struct tap_plan *plan);
static enum cli_code follow(struct reading *r);
static enum cli_code read_some(struct reading *r, uint32_t *bytes);
static void stop(struct reading *r);
static enum err ask_tap(struct reading *r, uint32_t kind, struct mailbox_reply *reply);

static volatile sig_atomic_t interrupted;

static void
note_interrupt(int number)
{
	interrupted = 1;
}

void
tap_plan_all(struct tap_plan *plan)
{
	*plan = (struct tap_plan){ .frames = UINT64_MAX,
				   .device_mask = UINT32_MAX,
				   .kept_bytes = TAP_KEPT_MAX };
}

bool
tap_compile(struct cli *cli, const char *filter, uint32_t tag, struct tap_plan *plan)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, FILTER_LENGTH);
	struct bpf_program program = { 0 };
	char *text = NULL;
	bool good = false;
	int len;

	/* behind "vlan" a filter looks behind the tag, and nowhere else */
	len = tag == 0  ? asprintf(&text, "%s", filter)
	      : *filter ? asprintf(&text, "vlan %u and (%s)", tag, filter)
			: asprintf(&text, "vlan %u", tag);
	if (!ethernet || len < 0) {
		fprintf(cli->err, "out of memory\n");
		if (ethernet)
			pcap_close(ethernet);
		return false;
	}
	if (pcap_compile(ethernet, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		fprintf(cli->err, "wrong filter \"%s\": %s\n", filter, pcap_geterr(ethernet));
	} else if (program.bf_len > TAP_INSNS_MAX) {
		fprintf(cli->err, "the filter makes %u instructions, more than %u\n",
			program.bf_len, TAP_INSNS_MAX);
	} else {
		plan->insn_count = program.bf_len;
		for (uint32_t i = 0; i < program.bf_len; i++)
			plan->insn[i] =
			    (struct tap_insn){ program.bf_insns[i].code, program.bf_insns[i].jt,
					       program.bf_insns[i].jf, program.bf_insns[i].k };
		good = true;
	}
	pcap_freecode(&program);
	pcap_close(ethernet);
	free(text);
	return good;
}

static bool
set_device(const struct stats *stats, const char *port, struct tap_plan *plan)
{
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (*port && strncmp(stats->ports[i].name, port, STATS_PORT_NAME_BYTES) == 0) {
			plan->device_mask = 1u << i;
			return true;
		}
	return false;
}

/* The port that carries it, and its tag. */
static bool
set_vlan(struct cli *cli, const struct stats *stats, const char *name, struct tap_plan *plan,
	 uint32_t *tag)
{
	const struct generation *gen;
	struct file_map map = { 0 };
	bool found = false;

	if (view_generation(cli->run_dir, &map, &gen) != ERR_ok)
		return false;
	for (uint32_t i = 0; i < gen->ports.count && !found; i++) {
		const struct gen_port *vlan = &generation_ports(gen)[i];

		if (vlan->parent == GENERATION_NONE ||
		    strcmp(generation_text(gen, vlan->name), name) != 0)
			continue;
		*tag = vlan->tag;
		found = set_device(
		    stats, generation_text(gen, generation_ports(gen)[vlan->parent].name), plan);
	}
	files_unmap(&map);
	return found;
}

bool
tap_set_port(struct cli *cli, const struct stats *stats, const char *port, struct tap_plan *plan,
	     uint32_t *tag)
{
	*tag = 0;
	if (set_device(stats, port, plan) || set_vlan(cli, stats, port, plan, tag))
		return true;
	fprintf(cli->err, "there is no port %s; show interfaces lists them\n", port);
	return false;
}

bool
tap_number(struct cli *cli, const char *what, const char *text, uint64_t max, uint64_t *number)
{
	if (str_to_u64(str_from(text), max, number) && *number > 0)
		return true;
	fprintf(cli->err, "%s is no %s; a filter of several words stands in double quotes\n", text,
		what);
	return false;
}

enum cli_code
tap_run(struct cli *cli, enum tap_kind kind, const struct tap_plan *plan,
	const struct tap_reader *reader, struct tap_result *result)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ours = { .sa_handler = note_interrupt }, theirs[ARRAY_SIZE(signals)];
	struct reading reading = { .cli = cli, .reader = reader, .result = result };
	enum cli_code code;

	reading.request.version = MAILBOX_VERSION;
	reading.request.tap = kind;
	*result = (struct tap_result){ 0 };
	interrupted = 0;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &ours, &theirs[i]);
	code = start(&reading, plan);
	if (code == CLI_OK && reader->begun && !reader->begun(reader->context)) {
		stop(&reading);
		code = CLI_FAILED;
	}
	if (code == CLI_OK) {
		fprintf(cli->err, "%s; ^C ends it\n",
			kind == TAP_CAPTURE ? "capturing" : "tracing");
		fflush(cli->err);
		code = follow(&reading);
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &theirs[i], NULL);
	return code;
}

static enum cli_code
start(struct reading *r, const struct tap_plan *plan)
{
	struct mailbox_reply reply;
	enum err err;

	r->request.plan = *plan;
	err = ask_tap(r, MAILBOX_TAP_START, &reply);
	if (err == ERR_not_found)
		fprintf(r->cli->err, "the data plane is not running\n");
	else if (err != ERR_ok)
		fprintf(r->cli->err, "no answer from the data plane: %s\n", err_text(err));
	else if (reply.err != ERR_ok)
		fprintf(r->cli->err, "the data plane refused: %s\n",
			reply.text[0] ? reply.text : err_text((enum err)reply.err));
	if (err != ERR_ok || reply.err != ERR_ok)
		return CLI_FAILED;
	r->request.session = reply.tap.session;
	return CLI_OK;
}

/* What is in the ring when the user has had enough of waiting is still wanted. */
static enum cli_code
follow(struct reading *r)
{
	struct timespec pause = { .tv_nsec = PAUSE_MIN_NS };
	enum cli_code code = CLI_OK;
	uint32_t bytes = 0;

	while (code == CLI_OK && !r->enough && !interrupted) {
		code = read_some(r, &bytes);
		if (bytes) {
			pause.tv_nsec = PAUSE_MIN_NS;
			continue;
		}
		if (code == CLI_OK && r->ended) {
			fprintf(r->cli->err,
				"the data plane has ended it: for %u seconds nobody read it\n",
				MAILBOX_TAP_LEASE_MS / 1000);
			return CLI_FAILED;
		}
		fflush(r->cli->out);
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < PAUSE_MAX_NS)
			pause.tv_nsec *= 2;
	}
	if (code == CLI_OK)
		stop(r);
	while (code == CLI_OK && !r->enough) {
		code = read_some(r, &bytes);
		if (!bytes)
			break;
	}
	return code;
}

static enum cli_code
read_some(struct reading *r, uint32_t *bytes)
{
	const struct tap_record *record;
	struct mailbox_reply reply;
	enum err err = ask_tap(r, MAILBOX_TAP_READ, &reply);
	size_t at = 0;

	*bytes = 0;
	if (err == ERR_ok && reply.err == ERR_not_found) {
		fprintf(r->cli->err, "the data plane knows of it no more\n");
		return CLI_FAILED;
	}
	if (err == ERR_ok)
		err = (enum err)reply.err;
	if (err == ERR_ok && reply.tap.bytes > sizeof reply.tap.data)
		err = ERR_corrupt;
	if (err != ERR_ok) {
		fprintf(r->cli->err, "no answer from the data plane: %s\n", err_text(err));
		return CLI_FAILED;
	}
	r->ended = !reply.tap.running;
	*bytes = reply.tap.bytes;
	r->result->matched = reply.tap.matched;
	r->result->lost = reply.tap.lost;
	while (!r->enough &&
	       (record = tap_record_next(reply.tap.data, reply.tap.bytes, &at)) != NULL)
		r->enough = !r->reader->take(r->reader->context, record);
	if (!r->enough && at != reply.tap.bytes) {
		fprintf(r->cli->err, "the data plane sent what is no record\n");
		return CLI_FAILED;
	}
	return CLI_OK;
}

static void
stop(struct reading *r)
{
	struct mailbox_reply reply;

	(void)ask_tap(r, MAILBOX_TAP_STOP, &reply);
}

static enum err
ask_tap(struct reading *r, uint32_t kind, struct mailbox_reply *reply)
{
	r->request.kind = kind;
	return ask_dataplane(r->cli->run_dir, TIMEOUT_MS, &r->request, reply);
}
