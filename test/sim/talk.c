/*
 * The scripted talker.
 */
#include "test/sim/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_US    1000u
#define PIECE_BYTES 1400u

static void talk_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us);
static void talk_wake(struct app *app, uint64_t now_us);
static void talk_lost(struct app *app);
static void say(struct talk *talk, uint64_t now_us);
static void hear(struct talk *talk, uint64_t now_us);

static const struct app_ops talk_ops = { .event = talk_event,
					 .wake = talk_wake,
					 .lost = talk_lost };

struct talk *
talk_new(struct host *host, const struct endpoint *to, const char *text, uint32_t len,
	 struct stream_pace pace, bool half_close)
{
	struct talk *talk = calloc(1, sizeof *talk);

	ASSERT(talk);
	talk->app.ops = &talk_ops;
	talk->app.wake_us = UINT64_MAX;
	talk->text = text;
	talk->len = len;
	talk->pace = pace;
	talk->half_close = half_close;
	host_add_app(host, &talk->app);
	talk->id = host_connect(host, &talk->app, to, node_now_us(&host->node));
	ASSERT(talk->id != TCP_NONE);
	return talk;
}

bool
talk_done(void *arg)
{
	return ((struct talk *)arg)->id == TCP_NONE;
}

void
talk_end(struct talk *talk, bool reset)
{
	struct host *host = talk->app.host;
	uint64_t now_us = node_now_us(&host->node);

	if (talk->id == TCP_NONE)
		return;
	if (reset)
		host_abort(host, talk->id, now_us);
	else
		host_release(host, talk->id, now_us);
	talk->id = TCP_NONE;
}

unsigned
talk_status(const struct talk *talk)
{
	unsigned status = 0;

	return sscanf(talk->answer, "HTTP/1.%*u %3u", &status) == 1 ? status : 0;
}

static void
talk_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us)
{
	struct talk *talk = (struct talk *)app;
	struct host *host = app->host;

	ASSERT(id == talk->id);
	if (events & TCP_EVENT_OPEN) {
		talk->open = true;
		talk->open_us = now_us;
	}
	if (talk->open) {
		say(talk, now_us);
		hear(talk, now_us);
	}
	if (events & TCP_EVENT_CLOSED) {
		talk->closed = true;
		talk->reason = tcp_close_reason(host->tcp, id);
		host_release(host, id, now_us);
		talk->id = TCP_NONE;
	} else if (talk->eof && !talk->keep) {
		host_release(host, id, now_us);
		talk->id = TCP_NONE;
	}
}

static void
talk_wake(struct app *app, uint64_t now_us)
{
	struct talk *talk = (struct talk *)app;

	if (talk->id != TCP_NONE && talk->open)
		say(talk, now_us);
}

static void
say(struct talk *talk, uint64_t now_us)
{
	struct host *host = talk->app.host;
	uint32_t limit = talk->pace.bytes ? talk->pace.bytes : PIECE_BYTES;

	if (talk->said == talk->len)
		return;
	while (talk->said < talk->len) {
		uint32_t n = (uint32_t)min_u64(min_u64(talk->len - talk->said, limit),
					       tcp_send_space(host->tcp, talk->id));

		if (!n)
			return; /* told when there is room */
		if (tcp_send_bytes(host->tcp, talk->id, talk->text + talk->said, n, now_us)) {
			talk->app.wake_us = now_us + RETRY_US;
			return;
		}
		talk->said += n;
		if (talk->pace.bytes && talk->said < talk->len) {
			talk->app.wake_us = now_us + talk->pace.every_us;
			return;
		}
	}
	if (talk->half_close)
		tcp_shutdown(host->tcp, talk->id, now_us);
}

static void
hear(struct talk *talk, uint64_t now_us)
{
	struct host *host = talk->app.host;
	char chunk[2048];
	uint32_t n;

	while ((n = host_read(host, talk->id, chunk, sizeof chunk, now_us)) > 0) {
		for (uint32_t i = 0; i < n && talk->answer_len + i < TALK_ANSWER_MAX; i++)
			talk->answer[talk->answer_len + i] = chunk[i];
		talk->answer_len += n;
	}
	if (tcp_at_eof(host->tcp, talk->id) && !talk->eof) {
		talk->eof = true;
		talk->eof_us = now_us;
	}
}

static void
talk_lost(struct app *app)
{
	((struct talk *)app)->id = TCP_NONE;
}
