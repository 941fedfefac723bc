/*
 * What the control thread answers to requests that are right, wrong, or any bytes at all. It has no worker here:
 * what workers do is tested with them.
 */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

static struct control control;
static struct mailbox_reply reply;

static void
begin(void)
{
	control = (struct control){ .options.run_dir = "/nonexistent" };
	control.stats = aligned_alloc(alignof(struct stats), sizeof *control.stats);
	control.health = aligned_alloc(alignof(struct health_table), sizeof *control.health);
	CU_ASSERT_TRUE_FATAL(control.stats && control.health);
	memset(control.stats, 0, sizeof *control.stats);
	memset(control.health, 0, sizeof *control.health);
}

static void
end(void)
{
	free(control.stats);
	free(control.health);
}

static enum err
ask(const struct mailbox_request *request)
{
	memset(&reply, 0xee, sizeof reply);
	CU_ASSERT_TRUE(control_answer(&control, request, &reply));
	CU_ASSERT_EQUAL(reply.version, MAILBOX_VERSION);
	CU_ASSERT_TRUE(reply.err < ERR_COUNT);
	CU_ASSERT_PTR_NOT_NULL(memchr(reply.text, '\0', sizeof reply.text));
	return (enum err)reply.err;
}

static struct mailbox_request
capture(enum mailbox_kind kind)
{
	return (struct mailbox_request){ .version = MAILBOX_VERSION,
					 .kind = kind,
					 .tap = TAP_CAPTURE,
					 .plan = { .frames = 1, .kept_bytes = 1 } };
}

static void
capture_is_one_persons_until_it_is_stopped(void)
{
	struct mailbox_request start = capture(MAILBOX_TAP_START), read = capture(MAILBOX_TAP_READ),
			       stop = capture(MAILBOX_TAP_STOP);

	begin();
	CU_ASSERT_EQUAL(ask(&read), ERR_not_found);
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	read.session = stop.session = reply.tap.session;
	CU_ASSERT_NOT_EQUAL(read.session, 0);
	CU_ASSERT_EQUAL(ask(&start), ERR_busy);
	CU_ASSERT_STRING_EQUAL(reply.text, "another one is running");
	CU_ASSERT_EQUAL(ask(&read), ERR_ok);
	CU_ASSERT_EQUAL(reply.tap.running, 1);
	CU_ASSERT_EQUAL(reply.tap.bytes, 0);
	start.tap = TAP_TRACE; /* of the other kind there may be one beside it */
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	start.tap = TAP_CAPTURE;
	stop.session++;
	CU_ASSERT_EQUAL(ask(&stop), ERR_not_found);
	stop.session--;
	CU_ASSERT_EQUAL(ask(&stop), ERR_ok);
	CU_ASSERT_EQUAL(ask(&read), ERR_ok);
	CU_ASSERT_EQUAL(reply.tap.running, 0);
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	CU_ASSERT_NOT_EQUAL(reply.tap.session, read.session);
	CU_ASSERT_EQUAL(ask(&read), ERR_not_found);
	end();
}

/* What somebody else asks, wrongly or knowing too early how it is called, ends nobody's capture. */
static void
capture_is_not_ended_by_others(void)
{
	struct mailbox_request start = capture(MAILBOX_TAP_START), read = capture(MAILBOX_TAP_READ),
			       wrong = start, stop = capture(MAILBOX_TAP_STOP);

	begin();
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	read.session = stop.session = reply.tap.session;
	wrong.plan.kept_bytes = 0;
	CU_ASSERT_EQUAL(ask(&wrong), ERR_invalid);
	CU_ASSERT_EQUAL(ask(&read), ERR_ok);
	CU_ASSERT_EQUAL(reply.tap.running, 1);
	control.taps[TAP_CAPTURE].starting = true; /* it is not told its number yet */
	CU_ASSERT_EQUAL(ask(&stop), ERR_not_found);
	CU_ASSERT_FALSE(control.taps[TAP_CAPTURE].stopped);
	end();
}

static void
capture_that_nobody_reads_is_ended(void)
{
	struct mailbox_request start = capture(MAILBOX_TAP_START), read = capture(MAILBOX_TAP_READ);

	begin();
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	read.session = reply.tap.session;
	control_tap_tick(&control);
	CU_ASSERT_EQUAL(ask(&read), ERR_ok);
	CU_ASSERT_EQUAL(reply.tap.running, 1);
	control.taps[TAP_CAPTURE].lease_us = 1; /* long ago */
	control_tap_tick(&control);
	CU_ASSERT_TRUE(control.taps[TAP_CAPTURE].stopped);
	CU_ASSERT_EQUAL(ask(&start), ERR_ok);
	end();
}

static void
requests_out_of_range_are_refused(void)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION, .kind = 99 };

	begin();
	CU_ASSERT_EQUAL(ask(&request), ERR_invalid);
	request.kind = MAILBOX_CONNECTION;
	CU_ASSERT_EQUAL(ask(&request), ERR_not_found);
	request.worker = UINT32_MAX;
	CU_ASSERT_EQUAL(ask(&request), ERR_not_found);
	CU_ASSERT_EQUAL(control_line(&control, &request), 0);
	for (unsigned kind = MAILBOX_NEIGHBOURS; kind <= MAILBOX_ADDRESSES; kind++) {
		request = (struct mailbox_request){ .version = MAILBOX_VERSION, .kind = kind };
		CU_ASSERT_EQUAL(ask(&request), ERR_not_found); /* there is no worker */
		request.worker = 1;
		CU_ASSERT_EQUAL(ask(&request), ERR_invalid);
		CU_ASSERT_STRING_EQUAL(reply.text, "worker 0 alone knows");
		request.worker = UINT32_MAX;
		CU_ASSERT_EQUAL(control_line(&control, &request), 0);
	}
	request = capture(MAILBOX_TAP_START);
	request.tap = TAP_KINDS;
	CU_ASSERT_EQUAL(ask(&request), ERR_invalid);
	request = capture(MAILBOX_TAP_START);
	request.plan.insn_count = 1;
	request.plan.insn[0].code = 0xffff;
	CU_ASSERT_EQUAL(ask(&request), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(reply.text, "the filter has an unknown instruction");
	request.plan.insn_count = UINT32_MAX;
	CU_ASSERT_EQUAL(ask(&request), ERR_invalid);
	request = capture(MAILBOX_TAP_READ);
	request.tap = UINT32_MAX;
	CU_ASSERT_EQUAL(ask(&request), ERR_not_found);
	end();
}

/* Any bytes, most of them of a kind that exists. */
static void
requests_of_any_bytes_are_answered(void)
{
	static struct mailbox_request request;
	struct rng rng;

	rng_init(&rng, 7);
	begin();
	for (unsigned round = 0; round < 3000; round++) {
		uint64_t *word = (uint64_t *)&request;

		for (size_t i = 0; i < sizeof request / sizeof *word; i++)
			word[i] = rng_next(&rng);
		request.version = MAILBOX_VERSION;
		if (round % 8)
			request.kind = rng_below(&rng, MAILBOX_ADDRESSES + 2);
		if (round % 3)
			request.tap = rng_below(&rng, TAP_KINDS + 1);
		if (round % 5)
			request.plan.insn_count = rng_below(&rng, 3);
		(void)control_line(&control, &request);
		(void)ask(&request);
	}
	end();
}

CU_TestInfo test_control_mailbox[] = {
	{ "capture_is_one_persons_until_it_is_stopped",
	  capture_is_one_persons_until_it_is_stopped },
	{ "capture_is_not_ended_by_others", capture_is_not_ended_by_others },
	{ "capture_that_nobody_reads_is_ended", capture_that_nobody_reads_is_ended },
	{ "requests_out_of_range_are_refused", requests_out_of_range_are_refused },
	{ "requests_of_any_bytes_are_answered", requests_of_any_bytes_are_answered },
	CU_TEST_INFO_NULL,
};
