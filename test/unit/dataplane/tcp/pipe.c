#include "test/unit/dataplane/tcp/pipe.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "dataplane/tcp/tcp_priv.h"

#define START_US 1000000u
/* Ethernet, IPv4 and frame check sequence, which take time on the link as well */
#define FRAME_BYTES 58u
#define OPEN_TRIES  20

static void start_end(struct pipe *pipe, unsigned which);
static void finish_end(struct pipe *pipe, unsigned which);
static void open_conn(struct pipe *pipe);
static void step(struct pipe *pipe);
static uint64_t next_event(const struct pipe *pipe);
static void deliver(struct pipe *pipe);
static void applications(struct pipe *pipe);
static void send_pattern(struct pipe *pipe, struct pipe_end *end, uint64_t total);
static void read_pattern(struct pipe *pipe, struct pipe_end *end);
static void transmit(struct pipe *pipe);
static void put_on_link(struct pipe *pipe, unsigned from, struct rte_mbuf *m);
static void fly(struct pipe *pipe, struct rte_mbuf *m, unsigned to, uint64_t due_us);
static void strip_options(const struct pipe *pipe, struct rte_mbuf *m);

static uint8_t
pattern(unsigned from, uint64_t position)
{
	return (uint8_t)(position * 131 + (position >> 8) * 31 + (position >> 16) * 7 + from * 17);
}

static bool
listens(void *context, const struct endpoint *local)
{
	return local->port == 80;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	return 1460;
}

static const struct tcp_host host = { .listens = listens, .mss = mss };

static struct endpoint
endpoint_of(unsigned which, uint16_t port)
{
	struct endpoint e = { .port = port };

	ASSERT(addr_parse(which ? "10.0.0.2" : "10.0.0.1", &e.addr));
	return e;
}

static bool
ended_well(const struct pipe_end *end, uint64_t bytes)
{
	return end->closed && end->reason == TCP_CLOSE_FINISHED && end->eof && !end->wrong &&
	       end->received == bytes;
}

bool
pipe_run(struct pipe *pipe, const struct pipe_plan *plan)
{
	unsigned free_before = rte_mempool_avail_count(unit_mbufs());
	bool good;

	memset(pipe, 0, sizeof *pipe);
	pipe->plan = *plan;
	pipe->now_us = START_US;
	rng_init(&pipe->rng, plan->seed);
	start_end(pipe, 0);
	start_end(pipe, 1);
	open_conn(pipe);
	while (!(pipe->end[0].closed && pipe->end[1].closed) &&
	       pipe->now_us < START_US + plan->limit_us)
		step(pipe);
	good = true;
	for (unsigned i = 0; i < 2; i++) {
		good &= plan->timed ? !pipe->end[i].closed && !pipe->end[i].wrong
				    : ended_well(&pipe->end[i], plan->bytes[!i]);
		finish_end(pipe, i);
	}
	while (pipe->flying_count)
		rte_pktmbuf_free(pipe->flying[--pipe->flying_count].m);
	return good && rte_mempool_avail_count(unit_mbufs()) == free_before;
}

unsigned
pipe_utilisation(const struct pipe *pipe, unsigned from)
{
	uint64_t took_us = pipe->end[!from].eof_us - START_US;

	return (unsigned)(pipe->end[!from].received * 8 * 1000 / took_us / pipe->plan.rate_mbps);
}

unsigned
pipe_goodput_kbps(const struct pipe *pipe, unsigned from)
{
	return (unsigned)(pipe->end[!from].received * 8 * 1000 / pipe->plan.limit_us);
}

static void
start_end(struct pipe *pipe, unsigned which)
{
	static const struct siphash_key keys[2] = { { 1, 2 }, { 3, 4 } };
	struct tcp_settings settings = tcp_settings_default;
	struct pipe_end *end = &pipe->end[which];

	settings.conns = 16;
	settings.segments = 4096;
	settings.profile.receive_buffer_bytes = 1u << 20;
	settings.profile.send_buffer_bytes = 1u << 20;
	if (pipe->plan.profile)
		settings.profile = *pipe->plan.profile;
	end->id = TCP_NONE;
	end->stats = aligned_alloc(4096, sizeof *end->stats);
	memset(end->stats, 0, sizeof *end->stats);
	end->tcp = tcp_init(aligned_alloc(64, (tcp_memory_bytes(&settings) + 63) & ~(size_t)63),
			    &settings, &host, unit_mbufs(), end->stats, &keys[which], START_US);
}

static void
finish_end(struct pipe *pipe, unsigned which)
{
	memcpy(pipe->counter[which], pipe->end[which].stats->counter, sizeof pipe->counter[which]);
	tcp_fini(pipe->end[which].tcp);
	free(pipe->end[which].tcp);
	free(pipe->end[which].stats);
}

static void
open_conn(struct pipe *pipe)
{
	struct endpoint local = endpoint_of(0, 0), remote = endpoint_of(1, 80);

	ASSERT(tcp_connect(pipe->end[0].tcp, &local, &remote, TCP_PROFILE_DEFAULT, 0, pipe->now_us,
			   &pipe->end[0].id) == ERR_ok);
}

static void
check(const struct pipe *pipe)
{
	if (pipe->plan.unchecked)
		return;
	tcp_check(pipe->end[0].tcp, pipe->now_us);
	tcp_check(pipe->end[1].tcp, pipe->now_us);
}

static void
step(struct pipe *pipe)
{
	transmit(pipe);
	check(pipe);
	pipe->now_us = next_event(pipe);
	deliver(pipe);
	check(pipe);
	for (unsigned i = 0; i < 2; i++)
		tcp_timers(pipe->end[i].tcp, 16, pipe->now_us);
	check(pipe);
	applications(pipe);
	check(pipe);
}

static uint64_t
next_event(const struct pipe *pipe)
{
	uint64_t next = pipe->now_us + 1000000;

	for (unsigned i = 0; i < 2; i++)
		if (tcp_next_us(pipe->end[i].tcp) < next)
			next = tcp_next_us(pipe->end[i].tcp);
	if (pipe->flying_count && pipe->flying[0].due_us < next)
		next = pipe->flying[0].due_us;
	if (pipe->plan.read_pause_us && pipe->next_read_us < next)
		next = pipe->next_read_us;
	return next > pipe->now_us ? next : pipe->now_us + 1;
}

static void
deliver(struct pipe *pipe)
{
	uint32_t due = 0;

	while (due < pipe->flying_count && pipe->flying[due].due_us <= pipe->now_us) {
		struct pipe_packet *p = &pipe->flying[due++];

		if (tcp_input(pipe->end[p->to].tcp, p->m, pipe->now_us) != DROP_none)
			rte_pktmbuf_free(p->m);
	}
	memmove(pipe->flying, pipe->flying + due,
		(pipe->flying_count - due) * sizeof pipe->flying[0]);
	pipe->flying_count -= due;
}

static void
applications(struct pipe *pipe)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pipe_end *end = &pipe->end[i];
		unsigned events;
		uint32_t id;

		while ((id = tcp_ready_next(end->tcp, &events)) != TCP_NONE) {
			if (end->id == TCP_NONE)
				end->id = id;
			ASSERT(id == end->id && events);
			if (events & TCP_EVENT_EOF)
				end->eof = true;
			if (events & TCP_EVENT_CLOSED) {
				end->closed = true;
				end->reason = tcp_close_reason(end->tcp, id);
			}
		}
		if (end->id == TCP_NONE)
			continue;
		if (i == 0 || !pipe->plan.read_pause_us || pipe->now_us >= pipe->next_read_us)
			read_pattern(pipe, end);
		send_pattern(pipe, end, pipe->plan.bytes[i]);
	}
	if (pipe->now_us >= pipe->next_read_us)
		pipe->next_read_us = pipe->now_us + pipe->plan.read_pause_us;
}

static void
send_pattern(struct pipe *pipe, struct pipe_end *end, uint64_t total)
{
	unsigned from = end == &pipe->end[1];
	uint8_t piece[8192];

	while (end->sent < total) {
		uint32_t len = min_u32(tcp_send_space(end->tcp, end->id), sizeof piece);

		if (len > total - end->sent)
			len = (uint32_t)(total - end->sent);
		if (len == 0)
			return;
		for (uint32_t i = 0; i < len; i++)
			piece[i] = pattern(from, end->sent + i);
		if (tcp_send_bytes(end->tcp, end->id, piece, len, pipe->now_us) != ERR_ok)
			return;
		end->sent += len;
	}
	if (!end->shut && !pipe->plan.timed)
		tcp_shutdown(end->tcp, end->id, pipe->now_us);
	end->shut = !pipe->plan.timed;
}

static void
read_pattern(struct pipe *pipe, struct pipe_end *end)
{
	unsigned from = end == &pipe->end[0];
	uint32_t len = tcp_received(end->tcp, end->id)->bytes;
	struct bufq got = { 0 };

	if (len) {
		ASSERT(tcp_receive(end->tcp, end->id, &got, len, pipe->now_us) == len);
		for (struct rte_mbuf *m = got.head; m; m = m->next)
			for (uint32_t i = 0; i < m->data_len; i++)
				end->wrong |= rte_pktmbuf_mtod(m, uint8_t *)[i] !=
					      pattern(from, end->received++);
		bufq_clear(&got);
	}
	if (tcp_at_eof(end->tcp, end->id) && !end->eof_us)
		end->eof_us = pipe->now_us;
}

static void
transmit(struct pipe *pipe)
{
	struct rte_mbuf *burst[32];
	uint16_t n;

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *held[4096];
		unsigned count = 0;

		if (rng_chance(&pipe->rng, pipe->plan.empty_ppm))
			while (count < 4096 && (held[count] = rte_pktmbuf_alloc(unit_mbufs())))
				count++;
		while ((n = tcp_output(pipe->end[i].tcp, burst, 32, pipe->now_us)) > 0) {
			check(pipe);
			for (uint16_t k = 0; k < n; k++) {
				checksum_complete(burst[k]);
				put_on_link(pipe, i, burst[k]);
			}
		}
		rte_pktmbuf_free_bulk(held, count);
	}
}

/* A queue of bounded length in front of a link of bounded rate, then the delay. */
static void
put_on_link(struct pipe *pipe, unsigned from, struct rte_mbuf *m)
{
	const struct pipe_plan *plan = &pipe->plan;
	uint64_t now_us = pipe->now_us, *free_us = &pipe->free_us[!from], extra_us = 0;
	uint64_t waiting_us = *free_us > now_us ? *free_us - now_us : 0;

	ASSERT(m->nb_segs == 1 && rte_pktmbuf_headroom(m) >= PACKET_HEADER_BYTES);
	pipe->packets++;
	strip_options(pipe, m);
	if (waiting_us * plan->rate_mbps / 8 > plan->queue_bytes ||
	    rng_chance(&pipe->rng, plan->loss_ppm)) {
		pipe->lost++;
		rte_pktmbuf_free(m);
		return;
	}
	*free_us = now_us + waiting_us + (m->data_len + FRAME_BYTES) * 8 / plan->rate_mbps;
	if (rng_chance(&pipe->rng, plan->reorder_ppm))
		extra_us = 1 + rng_below(&pipe->rng, plan->delay_us / 2);
	if (rng_chance(&pipe->rng, plan->duplicate_ppm)) {
		struct rte_mbuf *twin = rte_pktmbuf_copy(m, unit_mbufs(), 0, UINT32_MAX);

		if (twin) {
			*packet_of(twin) = *packet_of(m);
			fly(pipe, twin, !from, *free_us + plan->delay_us + 10);
		}
	}
	fly(pipe, m, !from, *free_us + plan->delay_us + extra_us);
}

static void
fly(struct pipe *pipe, struct rte_mbuf *m, unsigned to, uint64_t due_us)
{
	uint32_t at = pipe->flying_count;

	ASSERT(at < PIPE_PACKETS);
	while (at > 0 && pipe->flying[at - 1].due_us > due_us) {
		pipe->flying[at] = pipe->flying[at - 1];
		at--;
	}
	pipe->flying[at] = (struct pipe_packet){ .due_us = due_us, .m = m, .to = to };
	pipe->flying_count++;
}

/* As an old peer would have it: options of the SYN become no-operations. */
static void
strip_options(const struct pipe *pipe, struct rte_mbuf *m)
{
	struct tcp_header *h = rte_pktmbuf_mtod(m, struct tcp_header *);
	const struct packet *packet = packet_of(m);
	uint8_t *at = (uint8_t *)(h + 1), *end = (uint8_t *)h + (h->data_offset >> 4) * 4;

	if (!(h->flags & SEG_SYN))
		return;
	while (at < end) {
		uint8_t size = *at == 1 ? 1 : at[1];

		if ((*at == 4 && pipe->plan.no_sack) || (*at == 8 && pipe->plan.no_timestamps))
			memset(at, 1, size);
		at += size;
	}
	h->checksum = 0;
	h->checksum = checksum_finish(checksum_add(
	    checksum_pseudo(&packet->src, &packet->dst, 6, m->data_len), h, m->data_len));
}
