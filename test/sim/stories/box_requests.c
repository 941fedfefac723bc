/*
 * Stories of clients that do not speak HTTP as they should.
 */
#include "test/sim/stories.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/talk.h"

/* Says text and expects this status and the end of the connection. */
static void
expect_status(struct farm *farm, const char *text, uint32_t len, unsigned status)
{
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	struct talk *talk =
	    talk_new(farm->clients[0], &to, text, len, (struct stream_pace){ 0 }, false);

	EXPECT(farm->world, world_run(farm->world, 30 * SEC, talk_done, talk), "no end to '%.60s'",
	       text);
	EXPECT(farm->world, talk_status(talk) == status, "%u (wanted %u) to '%.60s': %.60s",
	       talk_status(talk), status, text, talk->answer);
}

void
story_box_malformed(struct world *world)
{
	static const struct {
		unsigned status;
		const char *text;
	} cases[] = {
		{ 400, "GET / HTTP/1.1\r\n\r\n" },
		{ 400, "GET /\r\n\r\n" },
		{ 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
		       "chunked\r\n\r\n0\r\n\r\n" },
		{ 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: "
		       "6\r\n\r\nhello!" },
		{ 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" },
		{ 400,
		  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n" },
		{ 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" },
		{ 400,
		  "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
		{ 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n" },
		{ 417, "GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n" },
		{ 400, "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\nHost: a\n\r\n\r\n" },
	};
	struct farm farm;
	char *big;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		expect_status(&farm, cases[i].text, (uint32_t)strlen(cases[i].text),
			      cases[i].status);
	big = malloc(40000);
	ASSERT(big);
	memset(big, 'a', 40000);
	memcpy(big, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
	expect_status(&farm, big, 40000, 431);
	EXPECT(world, box_counter(farm.box, COUNTER_http_requests_refused) == ARRAY_SIZE(cases) + 1,
	       "counted %llu",
	       (unsigned long long)box_counter(farm.box, COUNTER_http_requests_refused));
	farm_settle(&farm);
}

/* A malformed body must not reach the member as a complete one. */
void
story_box_malformed_body(struct world *world)
{
	static const char *const texts[] = {
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		"chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		"chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		"chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		"chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
	};
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	uint64_t bytes_up = 0;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
		struct talk *talk =
		    talk_new(farm.clients[0], &to, texts[i], (uint32_t)strlen(texts[i]),
			     (struct stream_pace){ 0 }, false);

		EXPECT(world, world_run(world, 30 * SEC, talk_done, talk), "no end to text %u", i);
		EXPECT(world, talk_status(talk) != 200, "text %u was answered with 200", i);
	}
	for (unsigned i = 0; i < 3; i++)
		bytes_up += http_server_result(farm.web[i])->bytes_up;
	EXPECT(world, bytes_up == 0, "a member took a broken body for a whole one");
	farm_settle(&farm);
}

void
story_box_head_in_pieces(struct world *world)
{
	static const char text[] =
	    "\r\nGET /d/3000/l/77 HTTP/1.1\r\nHost: a\r\nUser-Agent: dribble\r\nX-Pad: "
	    "0123456789012345678901234567890123456789\r\nConnection: close\r\n\r\n";
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	struct talk *talk;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	talk = talk_new(farm.clients[0], &to, text, sizeof text - 1,
			(struct stream_pace){ .bytes = 1, .every_us = 5000 }, false);
	EXPECT(world, world_run(world, 30 * SEC, talk_done, talk), "no end");
	EXPECT(world, talk_status(talk) == 200 && talk->answer_len > 3000, "%u, %u bytes",
	       talk_status(talk), talk->answer_len);
	farm_settle(&farm);
}

void
story_box_slow_head(struct world *world)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: slow";
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	struct talk *talk;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	talk = talk_new(farm.clients[0], &to, text, sizeof text - 1,
			(struct stream_pace){ .bytes = 1, .every_us = 2000000 }, false);
	EXPECT(world, world_run(world, 30 * SEC, talk_done, talk),
	       "a head that never ends holds a connection");
	EXPECT(world, talk_status(talk) == 408, "answered with %u", talk_status(talk));
	farm_settle(&farm);
}

/* Two requests in one packet: answered both, in their order, or the second not at all, never mixed. */
void
story_box_pipelined(struct world *world)
{
	static const char text[] =
	    "GET /d/100/l/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /d/200/l/2 HTTP/1.1\r\nHost: "
	    "a\r\n\r\nGET /d/300/l/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	const char *first, *second, *third;
	struct talk *talk;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	talk =
	    talk_new(farm.clients[0], &to, text, sizeof text - 1, (struct stream_pace){ 0 }, false);
	EXPECT(world, world_run(world, 30 * SEC, talk_done, talk), "no end");
	for (uint32_t i = 0; i < talk->answer_len; i++)
		if (!talk->answer[i])
			talk->answer[i] = '.';
	first = strstr(talk->answer, "Content-Length: 100\r\n");
	second = first ? strstr(first, "Content-Length: 200\r\n") : NULL;
	third = second ? strstr(second, "Content-Length: 300\r\n") : NULL;
	EXPECT(world, third, "%u bytes came", talk->answer_len);
	farm_settle(&farm);
}

/* The client closes its sending side behind the request: it still gets its answer. */
void
story_box_half_closed_request(struct world *world)
{
	static const char text[] = "GET /d/5000/c/5 HTTP/1.1\r\nHost: a\r\n\r\n";
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	struct talk *talk;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	talk =
	    talk_new(farm.clients[0], &to, text, sizeof text - 1, (struct stream_pace){ 0 }, true);
	EXPECT(world, world_run(world, 30 * SEC, talk_done, talk), "no end");
	EXPECT(world, talk_status(talk) == 200 && talk->answer_len > 5000, "%u, %u bytes",
	       talk_status(talk), talk->answer_len);
	farm_settle(&farm);
}
