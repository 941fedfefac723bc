/*
 * Captures and traces, the control thread's part: who has one, starting it in all workers, handing out records, and
 * ending it when nobody reads them any more, for a command line that was killed says no goodbye.
 */
#include <stdio.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "dataplane/tap.h"

static enum err
begin(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);
static bool all_idle(const struct control *c, enum tap_kind kind);
static bool all_run(const struct control *c, enum tap_kind kind);
static struct tap_session *
find(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);
static void stop(struct control *c, enum tap_kind kind);

static const char *const names[TAP_KINDS] = { [TAP_CAPTURE] = "capture", [TAP_TRACE] = "trace" };

/* False until the workers copy frames: what is sent after the answer is seen. */
bool
control_tap_start(struct control *c, const struct mailbox_request *request,
		  struct mailbox_reply *reply)
{
	enum tap_kind kind = (enum tap_kind)request->tap;
	struct tap_session *session;

	memset(&reply->tap, 0, offsetof(struct mailbox_tap, data));
	if (request->tap >= TAP_KINDS) {
		reply->err = ERR_invalid;
		return true;
	}
	session = &c->taps[kind];
	if (!session->starting) {
		if (session->number && session->stopped && c->running && !all_idle(c, kind))
			return false; /* a moment: the one before is not over in every worker */
		reply->err = begin(c, request, reply);
		if (reply->err)
			return true;
		session->starting = true;
	}
	if (c->running && !all_run(c, kind))
		return false;
	session->starting = false;
	session->lease_us = control_clock_us(CLOCK_MONOTONIC) + MAILBOX_TAP_LEASE_MS * 1000;
	reply->tap.session = session->number;
	return true;
}

static enum err
begin(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	enum tap_kind kind = (enum tap_kind)request->tap;
	struct tap_session *session = &c->taps[kind];
	const char *why = "";
	enum err err = tap_plan_check(&request->plan, &why);

	if (!err && session->number && !session->stopped) {
		err = ERR_busy;
		why = "another one is running";
	}
	if (err) { /* nothing was begun: what somebody else has goes on */
		snprintf(reply->text, sizeof reply->text, "%s", why);
		return err;
	}
	for (uint32_t w = 0; w < c->worker_count && !err; w++)
		err = worker_tap_start(c->workers[w], kind, &request->plan);
	if (err) {
		snprintf(reply->text, sizeof reply->text, "%s",
			 err == ERR_no_memory ? "the data plane has no memory for it" : "");
		stop(c, kind);
		return err;
	}
	*session = (struct tap_session){ .number = c->stats->incarnation + ++c->tap_sessions };
	return ERR_ok;
}

bool
control_tap_read(struct control *c, const struct mailbox_request *request,
		 struct mailbox_reply *reply)
{
	struct tap_session *session = find(c, request, reply);
	struct mailbox_tap *tap = &reply->tap;

	if (!session)
		return true;
	if (session->stopped && c->running && !all_idle(c, (enum tap_kind)request->tap))
		return false; /* a moment: what comes is still to be put in order */
	session->lease_us = control_clock_us(CLOCK_MONOTONIC) + MAILBOX_TAP_LEASE_MS * 1000;
	tap->session = session->number;
	tap->running = !session->stopped;
	tap->bytes = worker_taps_read(c->workers, c->worker_count, (enum tap_kind)request->tap,
				      tap->data, sizeof tap->data, &tap->matched, &tap->lost);
	return true;
}

bool
control_tap_stop(struct control *c, const struct mailbox_request *request,
		 struct mailbox_reply *reply)
{
	if (find(c, request, reply))
		stop(c, (enum tap_kind)request->tap);
	return true;
}

void
control_tap_tick(struct control *c)
{
	for (unsigned kind = 0; kind < TAP_KINDS; kind++) {
		struct tap_session *session = &c->taps[kind];

		if (!session->number || session->stopped || session->starting ||
		    control_clock_us(CLOCK_MONOTONIC) < session->lease_us)
			continue;
		fprintf(stderr, "fairlead-dataplane: a %s is ended, nobody reads it\n",
			names[kind]);
		stop(c, (enum tap_kind)kind);
	}
}

static struct tap_session *
find(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	struct tap_session *session = request->tap < TAP_KINDS ? &c->taps[request->tap] : NULL;

	memset(&reply->tap, 0, offsetof(struct mailbox_tap, data));
	/* one that is starting has told nobody its number: who has it guessed */
	if (session && session->number && session->number == request->session && !session->starting)
		return session;
	reply->err = ERR_not_found;
	snprintf(reply->text, sizeof reply->text, "it was ended");
	return NULL;
}

static void
stop(struct control *c, enum tap_kind kind)
{
	c->taps[kind].stopped = true;
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_tap_stop(c->workers[w], kind);
}

static bool
all_idle(const struct control *c, enum tap_kind kind)
{
	for (uint32_t w = 0; w < c->worker_count; w++)
		if (worker_tap_runs(c->workers[w], kind))
			return false;
	return true;
}

static bool
all_run(const struct control *c, enum tap_kind kind)
{
	for (uint32_t w = 0; w < c->worker_count; w++)
		if (!worker_tap_runs(c->workers[w], kind))
			return false;
	return true;
}
