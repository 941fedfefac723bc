/*
 * The clients: see client.h. First one connection asks until it is answered (members may have to be found up); then all are
 * opened, a limited number at a time, and each goes on as its workload says.
 */
#include "test/bench/gen/client.h"

#include <math.h>
#include <rte_branch_prediction.h>
#include <stdio.h>
#include <string.h>

#include "fw/base/assert.h"
#include "test/bench/gen/head.h"
#include "test/bench/gen/memory.h"

#define OPENING_MAX 64u /* handshakes at the same time, where they are not what is measured */
#define RETRY_NS    100000000u
#define GLANCE      8u /* bytes of a piece of a body that are always compared */
#define GAPS_SEED   7u

static void make_request(struct client *client);
static void make_gaps(struct client *client);
static bool open_some(struct client *client);
static void open_one(struct client *client, uint32_t conn, uint64_t intended_ns);
static bool take_due(struct client *client, uint64_t *intended_ns);
static void send_due(struct client *client);
static void send_one(struct client *client, uint32_t conn, uint64_t intended_ns);
static void opened(void *self, uint32_t conn);
static void received(void *self, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes);
static uint32_t
take_head(struct client *client, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes);
static uint32_t
take_held_head(struct client *client, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes);
static bool
parse_head(struct client *client, const uint8_t *bytes, uint32_t len_bytes, struct head *head);
static bool
begin_response(struct client *client, struct client_session *s, const struct head *head);
static uint32_t take_body(struct client *client, struct client_session *s, const uint8_t *bytes,
			  uint32_t len_bytes);
static void response_done(struct client *client, uint32_t conn);
static void go_on(struct client *client, uint32_t conn);
static void ended(void *self, uint32_t conn);
static void closed(void *self, uint32_t conn, enum stream_end end);
static void give_up(struct client *client, uint32_t conn);
static void slot_free(struct client *client, uint32_t conn);

static bool
is_one_request(const struct client *client)
{
	return client->options->workload == GEN_CONNECT ||
	       client->options->workload == GEN_CONNECT_BOTH;
}

/* Connections come at their time, as many as there are slots. */
static bool
is_paced(const struct client *client)
{
	return is_one_request(client) && client->options->rate;
}

void
client_init(struct client *client, const struct tcp_setup *setup, const struct gen_options *options)
{
	struct tcp_setup full = *setup;
	uint32_t ring = 1;

	while (ring < options->pipeline)
		ring *= 2;
	full.listens = false;
	full.user = (struct stream_user){ client, opened, received, ended, closed };
	full.tuples = (struct tuples){ .first_address = options->client_net.base + 1 };
	while (1u << full.tuples.address_bits < options->addresses)
		full.tuples.address_bits++;
	while (1u << full.tuples.slot_bits < full.conns)
		full.tuples.slot_bits++;
	tcp_init(&client->tcp, &full);
	hold_init(&client->hold);
	client->options = options;
	client->ring_mask = ring - 1;
	client->session = memory_take(sizeof *client->session * full.conns);
	client->sent_ns = memory_take(sizeof *client->sent_ns * full.conns * ring);
	client->idle = memory_take(sizeof *client->idle * full.conns);
	client->to_open = memory_take(sizeof *client->to_open * full.conns);
	for (uint32_t i = 0; i < full.conns; i++)
		client->to_open[client->to_open_count++] = full.conns - 1 - i;
	client->opening_max = is_one_request(client) ? full.conns : OPENING_MAX;
	make_request(client);
	make_gaps(client);
}

static void
make_request(struct client *client)
{
	bool closes = is_one_request(client) && !client->options->client_closes;
	char text[SOURCE_HEAD_MAX];
	int len = snprintf(text, sizeof text,
			   "GET /%u HTTP/1.1\r\nHost: %s\r\nUser-Agent: fairlead-gen\r\n"
			   "Accept: */*\r\n%s\r\n",
			   client->options->object_bytes, client->options->host,
			   closes ? "Connection: close\r\n" : "");

	source_init(&client->request, text, (uint32_t)len, 0);
}

/* Times between arrivals, of which one is drawn each time: exponential ones are a Poisson process. */
static void
make_gaps(struct client *client)
{
	double mean_ns = client->options->rate ? 1e9 / client->options->rate : 0;

	rng_init(&client->rng, GAPS_SEED);
	for (uint32_t i = 0; i < CLIENT_GAPS; i++)
		client->gap_ns[i] =
		    client->options->poisson ? -mean_ns * log((i + 0.5) / CLIENT_GAPS) : mean_ns;
}

/* ---- a turn ---- */

void
client_clock(struct client *client, uint64_t now_ns)
{
	client->now_ns = now_ns;
}

bool
client_turn(struct client *client)
{
	bool worked = false;

	if (unlikely(client->to_open_count && client->phase != CLIENT_ENDED))
		worked = open_some(client);
	if (client->options->workload == GEN_OPEN && client->phase == CLIENT_RUNS)
		send_due(client);
	return worked;
}

static bool
open_some(struct client *client)
{
	uint32_t most = client->phase == CLIENT_WAITS ? 1 : client->opening_max;
	bool worked = false;

	if (client->phase == CLIENT_WAITS &&
	    (client->now_ns < client->retry_ns || client->tcp.open_count))
		return false;
	while (client->to_open_count && client->opening < most) {
		uint64_t intended_ns = client->now_ns;

		if (is_paced(client) && client->phase == CLIENT_RUNS &&
		    !take_due(client, &intended_ns))
			break;
		open_one(client, client->to_open[--client->to_open_count], intended_ns);
		worked = true;
	}
	return worked;
}

static void
open_one(struct client *client, uint32_t conn, uint64_t intended_ns)
{
	struct client_session *s = &client->session[conn];
	uint32_t use = s->use;

	*s = (struct client_session){ .use = use + 1, .is_idle = s->is_idle };
	client->sent_ns[(size_t)conn * (client->ring_mask + 1)] = intended_ns;
	tcp_connect(&client->tcp, conn, use, client->options->target, client->options->target_port);
	client->opening++;
}

/* When what is due next was due; false: nothing is yet. */
static bool
take_due(struct client *client, uint64_t *intended_ns)
{
	if (unlikely(client->due_ns == 0))
		client->due_ns = (double)client->now_ns;
	if (client->due_ns > (double)client->now_ns)
		return false;
	*intended_ns = (uint64_t)client->due_ns;
	client->due_ns += client->gap_ns[rng_below(&client->rng, CLIENT_GAPS)];
	return true;
}

static void
send_due(struct client *client)
{
	uint64_t intended_ns;

	if (unlikely(client->due_ns == 0) && client->idle_count < client->tcp.setup.conns)
		return;
	while (client->idle_count) {
		uint32_t conn = client->idle[client->idle_count - 1];
		const struct tcp_conn *c = &client->tcp.conns[conn];
		bool usable = c->state == TCP_STATE_OPEN && !(c->flags & TCP_FLAG_FIN_WANTED);

		if (usable && !take_due(client, &intended_ns))
			return;
		client->idle_count--;
		client->session[conn].is_idle = false;
		if (usable)
			send_one(client, conn, intended_ns);
	}
}

uint64_t
client_behind(const struct client *client)
{
	double behind_ns = (double)client->now_ns - client->due_ns;

	if (client->due_ns == 0 || behind_ns <= 0)
		return 0;
	return (uint64_t)(behind_ns * client->options->rate / 1e9);
}

/* When the request that is answered next was sent. */
static uint64_t
oldest_sent_ns(const struct client *client, uint32_t conn)
{
	const struct client_session *s = &client->session[conn];

	return client->sent_ns[(size_t)conn * (client->ring_mask + 1) +
			       ((uint32_t)(s->next - s->outstanding) & client->ring_mask)];
}

uint32_t
client_overdue(const struct client *client)
{
	uint32_t overdue = 0;

	if (is_paced(client))
		return 0;
	for (uint32_t i = 0; i < client->tcp.setup.conns; i++)
		overdue += client->tcp.conns[i].state == TCP_STATE_OPEN &&
			   client->session[i].outstanding &&
			   client->now_ns - oldest_sent_ns(client, i) > CLIENT_OVERDUE_NS;
	if (client->options->workload == GEN_OPEN && client->due_ns > 0)
		overdue += (double)client->now_ns - client->due_ns > (double)CLIENT_OVERDUE_NS;
	return overdue;
}

static void
send_one(struct client *client, uint32_t conn, uint64_t intended_ns)
{
	struct client_session *s = &client->session[conn];

	client->sent_ns[(size_t)conn * (client->ring_mask + 1) + (s->next++ & client->ring_mask)] =
	    intended_ns;
	s->outstanding++;
	tcp_send(&client->tcp, conn, &client->request);
}

bool
client_end(struct client *client)
{
	client->phase = CLIENT_ENDED;
	for (uint32_t i = 0; i < client->tcp.setup.conns; i++) {
		if (client->tcp.conns[i].state == TCP_STATE_CLOSED)
			continue;
		if (!side_room(client->tcp.setup.side))
			return false;
		tcp_abort(&client->tcp, i);
	}
	return true;
}

/* ---- a connection's life ---- */

static void
opened(void *self, uint32_t conn)
{
	struct client *client = self;

	client->opening--;
	client->session[conn].opened = true;
	if (client->options->workload == GEN_OPEN && client->phase == CLIENT_RUNS) {
		go_on(client, conn);
		return;
	}
	if (is_one_request(client)) {
		send_one(client, conn, client->sent_ns[(size_t)conn * (client->ring_mask + 1)]);
		return;
	}
	for (uint32_t i = 0; i < client->options->pipeline; i++)
		send_one(client, conn, client->now_ns);
}

static void
received(void *self, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes)
{
	struct client *client = self;
	struct client_session *s = &client->session[conn];

	while (len_bytes) {
		uint32_t used;

		if (unlikely(!s->outstanding)) {
			client->counts.unexpected++;
			give_up(client, conn);
			return;
		}
		if (s->in_body)
			used = take_body(client, s, bytes, len_bytes);
		else
			used = take_head(client, conn, bytes, len_bytes);
		if (unlikely(!used)) {
			client->counts.head_errors++;
			give_up(client, conn);
			return;
		}
		bytes += used;
		len_bytes -= used;
		if (s->in_body && s->at == s->body_bytes)
			response_done(client, conn);
	}
}

/* ---- a response ---- */

/* How many bytes were taken; 0: it is no head that we can read. Most are like the one before. */
static uint32_t
take_head(struct client *client, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes)
{
	struct client_session *s = &client->session[conn];
	struct head head;

	if (likely(!s->held && client->head_bytes && len_bytes >= client->head_bytes &&
		   memcmp(bytes, client->head, client->head_bytes) == 0)) {
		s->in_body = s->good = true;
		s->closes = client->head_closes;
		s->body_bytes = client->head_body_bytes;
		s->at = 0;
		return client->head_bytes;
	}
	if (s->held || !parse_head(client, bytes, len_bytes, &head))
		return take_held_head(client, conn, bytes, len_bytes);
	return begin_response(client, s, &head) ? head.len_bytes : 0;
}

static uint32_t
take_held_head(struct client *client, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes)
{
	struct client_session *s = &client->session[conn];
	uint32_t before = s->held ? client->hold.buffer[s->held - 1].len_bytes : 0;
	const struct hold_buffer *held;
	struct head head;

	len_bytes = len_bytes < HOLD_BYTES - before ? len_bytes : HOLD_BYTES - before;
	held = len_bytes ? hold_add(&client->hold, &s->held, bytes, len_bytes) : NULL;
	if (!held)
		return 0;
	if (!parse_head(client, held->bytes, held->len_bytes, &head))
		return len_bytes;
	hold_drop(&client->hold, &s->held);
	return begin_response(client, s, &head) ? head.len_bytes - before : 0;
}

/* False: not complete. Remembers a good one. */
static bool
parse_head(struct client *client, const uint8_t *bytes, uint32_t len_bytes, struct head *head)
{
	if (!head_parse_response(bytes, len_bytes, head))
		return false;
	if (head->status == 200 && head->content_length == client->options->object_bytes &&
	    head->len_bytes <= CLIENT_HEAD_MAX) {
		memcpy(client->head, bytes, head->len_bytes);
		client->head_bytes = head->len_bytes;
		client->head_body_bytes = (uint32_t)head->content_length;
		client->head_closes = head->closes;
	}
	return true;
}

static bool
begin_response(struct client *client, struct client_session *s, const struct head *head)
{
	if (!head->status || head->content_length > UINT32_MAX)
		return false;
	s->good = head->status == 200 && head->content_length == client->options->object_bytes;
	if (head->status != 200)
		client->counts.status_errors++;
	else if (!s->good)
		client->counts.length_errors++;
	s->in_body = true;
	s->closes = head->closes;
	s->body_bytes = (uint32_t)head->content_length;
	s->at = 0;
	return true;
}

static uint32_t
take_body(struct client *client, struct client_session *s, const uint8_t *bytes, uint32_t len_bytes)
{
	uint32_t left = s->body_bytes - s->at, len = len_bytes < left ? len_bytes : left,
		 looked = len < GLANCE ? len : GLANCE;

	if (++client->looks >= client->options->check_every) {
		client->looks = 0;
		looked = len;
	}
	if (unlikely(s->good && !source_is_body(bytes, looked, s->at))) {
		client->counts.body_errors++;
		s->good = false;
	}
	s->at += len;
	client->counts.body_bytes += len;
	return len;
}

static void
response_done(struct client *client, uint32_t conn)
{
	struct client_session *s = &client->session[conn];
	uint64_t sent_ns = oldest_sent_ns(client, conn);

	s->in_body = false;
	s->outstanding--;
	if (likely(s->good)) {
		client->counts.requests++;
		histogram_add(&client->latency, client->now_ns - sent_ns);
		if (!s->served)
			client->served++;
		s->served = true;
	}
	if (unlikely(client->phase == CLIENT_WAITS) && s->good) {
		client->phase = CLIENT_RUNS;
		memset(&client->counts, 0, sizeof client->counts);
		memset(&client->tcp.counts, 0, sizeof client->tcp.counts);
	}
	go_on(client, conn);
}

/* The connection has one request less under way than it could. */
static void
go_on(struct client *client, uint32_t conn)
{
	struct client_session *s = &client->session[conn];

	if (is_one_request(client)) {
		if (client->options->client_closes)
			tcp_finish(&client->tcp, conn);
		return;
	}
	/* Not the answer that is waited for: another try on another connection, a little later. */
	if (unlikely(client->phase == CLIENT_WAITS)) {
		tcp_finish(&client->tcp, conn);
		return;
	}
	if (s->closes || client->options->workload == GEN_IDLE)
		return;
	if (client->options->workload != GEN_OPEN) {
		send_one(client, conn, client->now_ns);
	} else if (!s->is_idle) {
		s->is_idle = true;
		client->idle[client->idle_count++] = conn;
	}
}

/* ---- its end ---- */

static void
ended(void *self, uint32_t conn)
{
	struct client *client = self;

	if (unlikely(client->session[conn].outstanding)) {
		client->counts.short_bodies++;
		give_up(client, conn);
		return;
	}
	tcp_finish(&client->tcp, conn);
}

static void
closed(void *self, uint32_t conn, enum stream_end end)
{
	struct client *client = self;
	struct client_session *s = &client->session[conn];

	if (end == STREAM_GAVE_UP)
		client->counts.gave_up++;
	else if (end == STREAM_RESET && (!s->opened || s->outstanding))
		client->counts.resets++;
	slot_free(client, conn);
}

static void
give_up(struct client *client, uint32_t conn)
{
	tcp_abort(&client->tcp, conn);
	slot_free(client, conn);
}

static void
slot_free(struct client *client, uint32_t conn)
{
	struct client_session *s = &client->session[conn];

	if (!s->opened)
		client->opening--;
	if (s->served)
		client->served--;
	hold_drop(&client->hold, &s->held);
	client->to_open[client->to_open_count++] = conn;
	client->retry_ns = client->now_ns + RETRY_NS;
}
