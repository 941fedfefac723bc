/*
 * ping and traceroute: probes of another host by ICMP echo, sent by the data plane through its ports, so that they go
 * where its own traffic goes. One probe a request; what comes of it is printed at once. ^C ends either, with its summary.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fw/abi/drops.h"
#include "fw/abi/ping.h"
#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "mgmt/cli/cli.h"
#include "mgmt/push/ask.h"

#define COUNT_DEFAULT  5u
#define COUNT_MAX      1000000u
#define SIZE_DEFAULT   56u
#define HOP_LIMIT      64u
#define TIMEOUT_MS     1000u /* of a probe; also from one to the next */
#define ASK_TIMEOUT_MS 3000u
#define HOPS_MAX       30u
#define PROBES_A_HOP   3u

struct ping {
	struct cli *cli;
	struct ping_plan plan;
	uint64_t count;
	uint64_t sent, answered;
	uint64_t rtt_sum_us;
	uint32_t rtt_min_us, rtt_max_us;
	uint64_t number; /* of the last request */
};

static bool prepare(struct ping *ping, const struct cli_args *args);
static bool options(struct ping *ping, const struct cli_args *args);
static bool take_number(struct ping *ping, const char *name, const char *value, uint64_t min,
			uint64_t max, uint64_t *out);
static bool take_port(struct ping *ping, const char *name);
static void listen_to_signals(struct sigaction theirs[2]);
static void restore_signals(const struct sigaction theirs[2]);
static bool probe(struct ping *ping, struct ping_answer *answer);
static void print_answer(struct ping *ping, const struct ping_answer *answer);
static void wait_until(const struct timespec *start, unsigned ms);
static enum cli_code summary(struct ping *ping);
static bool trace_hop(struct ping *ping, uint32_t hop, bool *reached);
static const char *error_text(const struct ping *ping, const struct ping_answer *answer);

static volatile sig_atomic_t interrupted;

static void
note_interrupt(int number)
{
	interrupted = 1;
}

/* args: the address, options. */
enum cli_code
cmd_ping(struct cli *cli, const struct cli_args *args)
{
	struct ping ping = { .cli = cli, .count = COUNT_DEFAULT, .rtt_min_us = UINT32_MAX };
	struct sigaction theirs[2];
	struct ping_answer answer;
	enum cli_code code = CLI_FAILED;
	bool ok = true;

	if (!prepare(&ping, args))
		return CLI_FAILED;
	listen_to_signals(theirs);
	for (uint64_t n = 0; ok && n < ping.count && !interrupted; n++) {
		struct timespec start;

		clock_gettime(CLOCK_MONOTONIC, &start);
		ok = probe(&ping, &answer);
		if (ok)
			print_answer(&ping, &answer);
		if (ok && n + 1 < ping.count)
			wait_until(&start, TIMEOUT_MS);
	}
	if (ok)
		code = summary(&ping);
	restore_signals(theirs);
	return code;
}

enum cli_code
cmd_traceroute(struct cli *cli, const struct cli_args *args)
{
	struct ping ping = { .cli = cli };
	struct sigaction theirs[2];
	bool ok = true, reached = false;

	if (!prepare(&ping, args))
		return CLI_FAILED;
	listen_to_signals(theirs);
	for (uint32_t hop = 1; ok && hop <= HOPS_MAX && !reached && !interrupted; hop++)
		ok = trace_hop(&ping, hop, &reached);
	restore_signals(theirs);
	if (ok && !reached)
		fprintf(cli->err, "%s was not reached%s\n", args->word[0],
			interrupted ? "" : " within 30 hops");
	return reached ? CLI_OK : CLI_FAILED;
}

static bool
prepare(struct ping *ping, const struct cli_args *args)
{
	ping->plan = (struct ping_plan){ .payload_bytes = SIZE_DEFAULT,
					 .hop_limit = HOP_LIMIT,
					 .timeout_ms = TIMEOUT_MS };
	ping->number = (uint64_t)getpid() << 32;
	if (!addr_parse(args->word[0], &ping->plan.to)) {
		fprintf(ping->cli->err, "%s is no address; must be like 10.0.0.1 or fd00::1\n",
			args->word[0]);
		return false;
	}
	return options(ping, args);
}

/* count N, size N, port PORT, in any order. */
static bool
options(struct ping *ping, const struct cli_args *args)
{
	for (size_t i = 1; i < args->count; i += 2) {
		const char *name = args->word[i];
		const char *value = i + 1 < args->count ? args->word[i + 1] : "";
		uint64_t number;

		if (strcmp(name, "count") == 0) {
			if (!take_number(ping, name, value, 1, COUNT_MAX, &ping->count))
				return false;
		} else if (strcmp(name, "size") == 0) {
			if (!take_number(ping, name, value, 0, PING_BYTES_MAX, &number))
				return false;
			ping->plan.payload_bytes = (uint32_t)number;
		} else if (strcmp(name, "port") == 0) {
			if (!take_port(ping, value))
				return false;
		} else {
			fprintf(ping->cli->err,
				"%s: no such option; there are count N, size N, port PORT\n", name);
			return false;
		}
	}
	return true;
}

static bool
take_number(struct ping *ping, const char *name, const char *value, uint64_t min, uint64_t max,
	    uint64_t *out)
{
	if (str_to_u64(str_from(value), max, out) && *out >= min)
		return true;
	fprintf(ping->cli->err,
		"%s: \"%s\" is wrong; must be a number from %" PRIu64 " to %" PRIu64 "\n", name,
		value, min, max);
	return false;
}

/* From the port's first address of the family. */
static bool
take_port(struct ping *ping, const char *name)
{
	struct cli_run run;
	bool found = false;

	if (!cli_run_open(ping->cli, &run, CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return false;
	}
	for (uint32_t i = 0; i < run.gen->addresses.count && !found; i++) {
		const struct gen_address *own = &generation_addresses(run.gen)[i];
		const struct gen_port *port = &generation_ports(run.gen)[own->port];

		found = strcmp(generation_text(run.gen, port->name), name) == 0 &&
			addr_is_v4(&own->addr) == addr_is_v4(&ping->plan.to);
		if (found)
			ping->plan.from = own->addr;
	}
	cli_run_close(&run);
	if (!found)
		fprintf(ping->cli->err, "there is no port %s with an address of that family\n",
			name);
	return found;
}

static void
listen_to_signals(struct sigaction theirs[2])
{
	struct sigaction ours = { .sa_handler = note_interrupt };

	interrupted = 0;
	sigaction(SIGINT, &ours, &theirs[0]);
	sigaction(SIGTERM, &ours, &theirs[1]);
}

static void
restore_signals(const struct sigaction theirs[2])
{
	sigaction(SIGINT, &theirs[0], NULL);
	sigaction(SIGTERM, &theirs[1], NULL);
}

/* False: it could not be asked for, and said so, or was interrupted. */
static bool
probe(struct ping *ping, struct ping_answer *answer)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = MAILBOX_PING,
					   .number = ++ping->number,
					   .ping = ping->plan };
	struct mailbox_reply reply;
	enum err err = ask_dataplane(ping->cli->run_dir, ASK_TIMEOUT_MS, &request, &reply);

	if (interrupted && err != ERR_ok) {
		*answer = (struct ping_answer){ .result = PING_SILENCE };
		return true;
	}
	if (err == ERR_not_found)
		fprintf(ping->cli->err, "the data plane is not running\n");
	else if (err != ERR_ok)
		fprintf(ping->cli->err, "no answer from the data plane: %s\n", err_text(err));
	else if (reply.err != ERR_ok)
		fprintf(ping->cli->err, "the data plane refused: %s\n",
			reply.text[0] ? reply.text : err_text((enum err)reply.err));
	if (err != ERR_ok || reply.err != ERR_ok)
		return false;
	*answer = reply.ping;
	ping->sent++;
	if (answer->result == PING_ANSWERED) {
		ping->answered++;
		ping->rtt_sum_us += answer->rtt_us;
		if (answer->rtt_us < ping->rtt_min_us)
			ping->rtt_min_us = answer->rtt_us;
		if (answer->rtt_us > ping->rtt_max_us)
			ping->rtt_max_us = answer->rtt_us;
	}
	return true;
}

static void
print_answer(struct ping *ping, const struct ping_answer *answer)
{
	FILE *out = ping->cli->out;
	char from[ADDR_TEXT_MAX];

	switch (answer->result) {
	case PING_ANSWERED:
		fprintf(out, "%u bytes from %s: seq %" PRIu64 " hop-limit %u time %u.%03u ms\n",
			ping->plan.payload_bytes, addr_format(&answer->from, from), ping->sent,
			answer->hop_limit, answer->rtt_us / 1000, answer->rtt_us % 1000);
		break;
	case PING_ERROR:
		fprintf(out, "from %s: seq %" PRIu64 " %s\n", addr_format(&answer->from, from),
			ping->sent, error_text(ping, answer));
		break;
	case PING_UNSENT:
		fprintf(out, "seq %" PRIu64 " not sent: %s\n", ping->sent,
			answer->reason < DROP_COUNT ? drop_infos[answer->reason].text : "?");
		break;
	default:
		fprintf(out, "seq %" PRIu64 " no answer\n", ping->sent);
	}
	fflush(out);
}

static void
wait_until(const struct timespec *start, unsigned ms)
{
	struct timespec end = *start;

	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	while (!interrupted && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
}

/* Answered at all: it is there. */
static enum cli_code
summary(struct ping *ping)
{
	FILE *out = ping->cli->out;
	uint64_t lost = ping->sent - ping->answered;
	uint64_t mean_us = ping->answered ? ping->rtt_sum_us / ping->answered : 0;

	fprintf(out, "%" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 "%% lost", ping->sent,
		ping->answered, ping->sent ? 100 * lost / ping->sent : 0);
	if (ping->answered)
		fprintf(out,
			"; round trip min %u.%03u mean %" PRIu64 ".%03" PRIu64 " max %u.%03u ms",
			ping->rtt_min_us / 1000, ping->rtt_min_us % 1000, mean_us / 1000,
			mean_us % 1000, ping->rtt_max_us / 1000, ping->rtt_max_us % 1000);
	fputc('\n', out);
	return ping->answered ? CLI_OK : CLI_FAILED;
}

/* " 2  10.0.0.2  0.123 ms  0.117 ms  *": the name again where another one answers. False: not asked. */
static bool
trace_hop(struct ping *ping, uint32_t hop, bool *reached)
{
	FILE *out = ping->cli->out;
	struct addr last = addr_any;
	char from[ADDR_TEXT_MAX];

	ping->plan.hop_limit = hop;
	fprintf(out, "%2u", hop);
	for (unsigned n = 0; n < PROBES_A_HOP && !interrupted; n++) {
		struct ping_answer answer;

		if (!probe(ping, &answer))
			return false;
		if (answer.result == PING_UNSENT) {
			fprintf(out, "  not sent: %s\n",
				answer.reason < DROP_COUNT ? drop_infos[answer.reason].text : "?");
			return false;
		}
		if (answer.result == PING_SILENCE) {
			fprintf(out, "  *");
			continue;
		}
		if (!addr_equal(&answer.from, &last))
			fprintf(out, "  %s", addr_format(&answer.from, from));
		last = answer.from;
		fprintf(out, "  %u.%03u ms", answer.rtt_us / 1000, answer.rtt_us % 1000);
		if (answer.result == PING_ANSWERED)
			*reached = true;
		else if (strcmp(error_text(ping, &answer), "time exceeded") != 0)
			fprintf(out, " (%s)", error_text(ping, &answer));
		fflush(out);
	}
	fputc('\n', out);
	fflush(out);
	return true;
}

/* RFC 792, RFC 4443 3. */
static const char *
error_text(const struct ping *ping, const struct ping_answer *answer)
{
	if (addr_is_v4(&ping->plan.to)) {
		switch (answer->type) {
		case 11:
			return "time exceeded";
		case 3:
			return answer->code == 0    ? "network unreachable"
			       : answer->code == 1  ? "host unreachable"
			       : answer->code == 4  ? "too big"
			       : answer->code == 13 ? "prohibited"
						    : "unreachable";
		default:
			return "refused";
		}
	}
	switch (answer->type) {
	case 3:
		return "time exceeded";
	case 2:
		return "too big";
	case 1:
		return answer->code == 0   ? "no route"
		       : answer->code == 1 ? "prohibited"
		       : answer->code == 3 ? "host unreachable"
					   : "unreachable";
	default:
		return "refused";
	}
}
