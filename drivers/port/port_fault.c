/*
 * A wrapper that makes a port bad: loss, burst loss, delay, jitter, reordering, duplication,
 * corruption, a rate with a bounded queue. Tests and the lab wrap ports in it; on an appliance
 * there is none.
 *
 * Each queue and direction is a lane of its own with its own random source, so that workers share
 * nothing and a seed replays a run. A frame that comes to a lane is lost, or gets the time when it
 * leaves; it waits in a heap ordered by that time. rx and tx calls hand out what is due; nothing
 * else moves time.
 *
 *   loss       each frame alone.
 *   burst=a:b  Gilbert-Elliott with total loss in the bad state: for each frame a is the chance to
 *              turn bad, b to turn good.
 *   rate       frames leave one after the other at this rate (a queue's share: rate / queues).
 *   buffer     bytes that may wait for the rate, those that are leaving included; a frame that would
 *              make it more is dropped at the tail. Delayed frames are on the wire, not in it.
 *   delay      comes after that; jitter adds 0 to jitter, and keeps the order, as a router's queue.
 *   reorder    holds a frame back for longer ("reorder=1%:5ms"; 1 ms unless told), so that those
 *              behind overtake it.
 *   duplicate  the copy follows the frame.
 *   corrupt    sets one bit behind the Ethernet header that was clear. Not the other way round, too: on
 *              a path of several links the one could make up for the other in an Internet checksum
 *              (RFC 1071), which must see each of them.
 *   queue      frames that may wait in a lane, delay included; more are dropped at the tail.
 */
#include "drivers/port/port_fault.h"

#include <rte_ether.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/port/port_impl.h"
#include "drivers/port/port_spec.h"
#include "fw/base/rng.h"

#define QUEUE_FRAMES_DEFAULT 4096u /* 20 ms at 2.4 Gbit/s of full frames */
#define QUEUE_FRAMES_MAX     65536u
#define REORDER_US_DEFAULT   1000u

enum { DIR_RX, DIR_TX, DIRS };

struct fault_config {
	uint32_t loss_ppm, duplicate_ppm, corrupt_ppm, reorder_ppm;
	uint32_t to_bad_ppm, to_good_ppm; /* a frame, Gilbert-Elliott */
	uint64_t delay_us, jitter_us, reorder_us;
	uint64_t rate_bps;     /* 0: infinitely fast */
	uint64_t buffer_bytes; /* 0: only queue_frames limits */
	uint32_t queue_frames;
	uint64_t seed;
	bool active[DIRS];
};

/* A frame in a lane's heap; the order of arrival decides between equals. */
struct held {
	uint64_t due_us;
	uint64_t order;
	struct rte_mbuf *frame;
};

/* One queue, one direction; its worker's. */
struct lane {
	struct rng rng;
	bool bad; /* state of the burst loss */
	struct port_pace pace;
	uint64_t last_due_us; /* jitter does not let a frame overtake */
	uint64_t order;
	struct held *heap;
	uint32_t held;
	struct rte_mbuf *ready[PORT_BURST]; /* tx: due, not yet taken by the inner port */
	uint16_t ready_first, ready_count;
	struct port_fault_counts counts;
};

struct fault {
	struct fault_config config;
	struct rte_mempool *mbufs;
	uint16_t queues;
	struct lane (*lanes)[DIRS];
};

/* What an option's reader may look at and write to. */
struct fault_parse {
	struct fault_config config;
	const struct port_request *request; /* for why only */
};

static enum err
config_parse(const char *spec, const struct port_request *request, struct fault_config *out);
static enum err option_parse(const struct port_option *option, struct fault_parse *parse);
static struct fault *
fault_new(const struct fault_config *config, uint16_t queues, struct rte_mempool *mbufs);
static bool
lane_init(struct lane *lane, const struct fault_config *config, uint16_t queues, unsigned number);
static uint16_t
fault_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
fault_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void send_due(struct port *port, struct lane *lane, uint16_t queue, uint64_t now_us);
static void
admit(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame, uint64_t now_us);
static bool chance(struct lane *lane, uint32_t ppm);
static bool is_lost(const struct fault_config *config, struct lane *lane);
static struct rte_mbuf *
corrupt(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame);
static bool set_clear_bit(uint8_t *bytes, uint32_t bits, uint32_t first);
static void
hold(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame, uint64_t now_us);
static bool fits(const struct fault_config *config, const struct lane *lane,
		 const struct rte_mbuf *frame, uint64_t now_us);
static uint64_t due_us(const struct fault_config *config, struct lane *lane,
		       const struct rte_mbuf *frame, uint64_t now_us);
static void heap_push(struct lane *lane, struct held entry);
static struct rte_mbuf *heap_pop(struct lane *lane);
static uint64_t fault_next_us(struct port *port);
static void fault_info(struct port *port, struct port_info *info);
static void fault_close(struct port *port);
static void fault_free(struct fault *fault);

static const struct port_ops fault_ops = {
	.rx = fault_rx,
	.tx = fault_tx,
	.info = fault_info,
	.close = fault_close,
	.next_us = fault_next_us,
};

enum err
port_fault_wrap(struct port *inner, const char *spec, struct rte_mempool *mbufs, struct port **out,
		char *why, unsigned why_bytes)
{
	const struct port_request request = { .why = why, .why_bytes = why_bytes };
	struct fault_config config;
	struct fault *fault;
	struct port_info info;
	struct port *port;
	enum err err = config_parse(spec, &request, &config);

	if (err)
		return err;
	port_info(inner, &info);
	fault = fault_new(&config, info.queues, mbufs);
	port = fault ? port_new(inner->name, &fault_ops, fault, inner) : NULL;
	if (port) {
		*out = port;
		return ERR_ok;
	}
	fault_free(fault);
	return port_refuse(&request, ERR_no_memory, "no memory for %u frames in %u queues",
			   config.queue_frames, info.queues);
}

static enum err
config_parse(const char *spec, const struct port_request *request, struct fault_config *out)
{
	struct fault_parse parse = { .config = { .queue_frames = QUEUE_FRAMES_DEFAULT,
						 .reorder_us = REORDER_US_DEFAULT,
						 .seed = 1,
						 .active = { true, true } },
				     .request = request };
	struct str rest = str_from(spec);
	struct port_option option;

	if (!rest.len)
		return port_refuse(request, ERR_invalid,
				   "an empty fault spec: for example loss=2%%,delay=20ms");
	while (port_spec_next(&rest, &option)) {
		enum err err = option_parse(&option, &parse);

		if (err)
			return err;
	}
	if (parse.config.buffer_bytes && !parse.config.rate_bps)
		return port_refuse(request, ERR_invalid, "a buffer is of a rate: give rate, too");
	*out = parse.config;
	return ERR_ok;
}

/* One reader a kind of value; each returns whether the text is one. */

static bool
read_share(struct str text, void *field, struct fault_config *config)
{
	return port_spec_share(text, field);
}

static bool
read_time(struct str text, void *field, struct fault_config *config)
{
	return port_spec_time(text, field);
}

static bool
read_rate(struct str text, void *field, struct fault_config *config)
{
	return port_spec_rate(text, field);
}

static bool
read_bytes(struct str text, void *field, struct fault_config *config)
{
	return port_spec_bytes(text, field);
}

static bool
read_queue(struct str text, void *field, struct fault_config *config)
{
	uint64_t frames;

	if (!str_to_u64(text, QUEUE_FRAMES_MAX, &frames) || !frames)
		return false;
	*(uint32_t *)field = (uint32_t)frames;
	return true;
}

static bool
read_seed(struct str text, void *field, struct fault_config *config)
{
	return str_to_u64(text, UINT64_MAX, field);
}

/* Splits "a:b"; false without a colon. */
static bool
split_pair(struct str text, struct str *left, struct str *right)
{
	const char *colon = text.len ? memchr(text.at, ':', text.len) : NULL;

	if (!colon)
		return false;
	*left = (struct str){ text.at, (size_t)(colon - text.at) };
	*right = (struct str){ colon + 1, text.len - left->len - 1 };
	return true;
}

static bool
read_burst(struct str text, void *field, struct fault_config *config)
{
	struct str to_bad, to_good;

	return split_pair(text, &to_bad, &to_good) &&
	       port_spec_share(to_bad, &config->to_bad_ppm) &&
	       port_spec_share(to_good, &config->to_good_ppm) && config->to_good_ppm;
}

static bool
read_reorder(struct str text, void *field, struct fault_config *config)
{
	struct str share = text, time;

	if (split_pair(text, &share, &time) && !port_spec_time(time, &config->reorder_us))
		return false;
	return port_spec_share(share, field);
}

static bool
read_dir(struct str text, void *field, struct fault_config *config)
{
	bool both = str_equal(text, STR("both"));

	config->active[DIR_RX] = both || str_equal(text, STR("rx"));
	config->active[DIR_TX] = both || str_equal(text, STR("tx"));
	return config->active[DIR_RX] || config->active[DIR_TX];
}

#define SHARE_HELP "a share between 0% and 100%, for example 2% or 0.1%"
#define TIME_HELP  "a time up to an hour, for example 500us, 20ms or 1.5s"

static const struct fault_option {
	const char *key;
	bool (*read)(struct str text, void *field, struct fault_config *config);
	size_t field; /* offset in struct fault_config */
	const char *help;
} options[] = {
#define FIELD(name) offsetof(struct fault_config, name)
	{ "loss", read_share, FIELD(loss_ppm), SHARE_HELP },
	{ "burst", read_burst, FIELD(to_bad_ppm),
	  "two shares, to the bad state and (above 0%) back, for example 1%:30%" },
	{ "delay", read_time, FIELD(delay_us), TIME_HELP },
	{ "jitter", read_time, FIELD(jitter_us), TIME_HELP },
	{ "reorder", read_reorder, FIELD(reorder_ppm),
	  "a share and, if wanted, how long to hold back, for example 1% or 1%:5ms" },
	{ "duplicate", read_share, FIELD(duplicate_ppm), SHARE_HELP },
	{ "corrupt", read_share, FIELD(corrupt_ppm), SHARE_HELP },
	{ "rate", read_rate, FIELD(rate_bps),
	  "bits per second above 0, for example 64kbit, 100mbit or 2.5gbit" },
	{ "buffer", read_bytes, FIELD(buffer_bytes),
	  "bytes above 0, for example 1500b, 250kb or 1.25mb" },
	{ "queue", read_queue, FIELD(queue_frames), "a number of frames from 1 to 65536" },
	{ "dir", read_dir, FIELD(active), "rx, tx or both" },
	{ "seed", read_seed, FIELD(seed), "a whole number" },
#undef FIELD
};

static enum err
option_parse(const struct port_option *option, struct fault_parse *parse)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!str_equal(option->key, str_from(options[i].key)))
			continue;
		if (option->value.at &&
		    options[i].read(option->value, (char *)&parse->config + options[i].field,
				    &parse->config))
			return ERR_ok;
		return port_refuse(parse->request, ERR_invalid, "%s=%.*s: %s", options[i].key,
				   (int)option->value.len, option->value.at ? option->value.at : "",
				   options[i].help);
	}
	return port_refuse(
	    parse->request, ERR_invalid,
	    "'%.*s' is no fault: loss, burst, delay, jitter, reorder, duplicate, corrupt, rate, "
	    "buffer, queue, dir or seed",
	    (int)option->key.len, option->key.at);
}

static struct fault *
fault_new(const struct fault_config *config, uint16_t queues, struct rte_mempool *mbufs)
{
	struct fault *fault = calloc(1, sizeof *fault);

	if (!fault)
		return NULL;
	fault->config = *config;
	fault->mbufs = mbufs;
	fault->lanes = calloc(queues, sizeof *fault->lanes);
	if (!fault->lanes)
		return fault_free(fault), NULL;
	fault->queues = queues;
	for (unsigned i = 0; i < queues * DIRS; i++)
		if (!lane_init(&fault->lanes[i / DIRS][i % DIRS], config, queues, i))
			return fault_free(fault), NULL;
	return fault;
}

static bool
lane_init(struct lane *lane, const struct fault_config *config, uint16_t queues, unsigned number)
{
	struct rng seeds;

	/* Lanes of one seed must not run in step: the n-th draws its own start. */
	rng_init(&seeds, config->seed);
	for (unsigned i = 0; i < number; i++)
		rng_next(&seeds);
	rng_init(&lane->rng, rng_next(&seeds));
	port_pace_init(&lane->pace, config->rate_bps / queues);
	lane->heap = calloc(config->queue_frames, sizeof *lane->heap);
	return lane->heap != NULL;
}

static uint16_t
fault_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct fault *fault = port->state;
	struct lane *lane = &fault->lanes[queue][DIR_RX];
	struct rte_mbuf *fresh[PORT_BURST];
	uint16_t got;

	if (!fault->config.active[DIR_RX])
		return port_rx(port->inner, queue, burst, n, now_us);
	got = port_rx(port->inner, queue, fresh, n < PORT_BURST ? n : PORT_BURST, now_us);
	for (uint16_t i = 0; i < got; i++)
		admit(fault, lane, fresh[i], now_us);
	for (got = 0; got < n && lane->held && lane->heap[0].due_us <= now_us; got++)
		burst[got] = heap_pop(lane);
	return got;
}

/*
 * Takes every frame: the lane is the port's queue now, and what does not fit is dropped at its
 * tail.
 */
static uint16_t
fault_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct fault *fault = port->state;
	struct lane *lane = &fault->lanes[queue][DIR_TX];

	if (!fault->config.active[DIR_TX])
		return port_tx(port->inner, queue, burst, n, now_us);
	for (uint16_t i = 0; i < n; i++)
		admit(fault, lane, burst[i], now_us);
	send_due(port, lane, queue, now_us);
	return n;
}

/* n == 0 is passed on too: there may be a wrapper inside this one. */
static void
send_due(struct port *port, struct lane *lane, uint16_t queue, uint64_t now_us)
{
	uint16_t sent;

	do {
		if (!lane->ready_count)
			lane->ready_first = 0;
		while (lane->ready_first + lane->ready_count < (int)PORT_BURST && lane->held &&
		       lane->heap[0].due_us <= now_us)
			lane->ready[lane->ready_first + lane->ready_count++] = heap_pop(lane);
		sent = port_tx(port->inner, queue, &lane->ready[lane->ready_first],
			       lane->ready_count, now_us);
		lane->ready_first += sent;
		lane->ready_count -= sent;
	} while (sent && !lane->ready_count && lane->held);
}

static void
admit(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame, uint64_t now_us)
{
	const struct fault_config *config = &fault->config;
	struct rte_mbuf *copy = NULL;

	lane->counts.frames++;
	if (is_lost(config, lane)) {
		lane->counts.lost++;
		rte_pktmbuf_free(frame);
		return;
	}
	if (chance(lane, config->duplicate_ppm)) {
		copy = port_frame_copy(frame, fault->mbufs);
		lane->counts.duplicated += copy != NULL;
		lane->counts.no_buffer += copy == NULL;
	}
	if (chance(lane, config->corrupt_ppm))
		frame = corrupt(fault, lane, frame);
	hold(fault, lane, frame, now_us);
	if (copy)
		hold(fault, lane, copy, now_us);
}

/*
 * A fault that was not asked for draws nothing, so that adding one leaves the others' draws
 * comparable.
 */
static bool
chance(struct lane *lane, uint32_t ppm)
{
	return ppm && rng_chance(&lane->rng, ppm);
}

static bool
is_lost(const struct fault_config *config, struct lane *lane)
{
	if (chance(lane, lane->bad ? config->to_good_ppm : config->to_bad_ppm))
		lane->bad = !lane->bad;
	return lane->bad || chance(lane, config->loss_ppm);
}

/* The frame with one bit flipped; a copy of it if others hold references. */
static struct rte_mbuf *
corrupt(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame)
{
	uint32_t bits = 8 * (frame->pkt_len - RTE_ETHER_HDR_LEN);

	if (frame->pkt_len <= RTE_ETHER_HDR_LEN)
		return frame;
	if (!port_frame_is_plain(frame)) {
		struct rte_mbuf *copy = port_frame_copy(frame, fault->mbufs);

		if (!copy) {
			lane->counts.no_buffer++;
			return frame;
		}
		rte_pktmbuf_free(frame);
		frame = copy;
	}
	if (!set_clear_bit(rte_pktmbuf_mtod_offset(frame, uint8_t *, RTE_ETHER_HDR_LEN), bits,
			   rng_below(&lane->rng, bits)))
		return frame;
	/* the device has checked, and hashed, what was right then */
	frame->ol_flags &=
	    ~(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK | RTE_MBUF_F_RX_RSS_HASH);
	lane->counts.corrupted++;
	return frame;
}

/* The first one from `first` on, the end followed by the beginning; false: there is none. */
static bool
set_clear_bit(uint8_t *bytes, uint32_t bits, uint32_t first)
{
	for (uint32_t i = 0; i < bits; i++) {
		uint32_t bit = (first + i) % bits;
		uint8_t mask = (uint8_t)(1u << bit % 8);

		if (bytes[bit / 8] & mask)
			continue;
		bytes[bit / 8] |= mask;
		return true;
	}
	return false;
}

static void
hold(const struct fault *fault, struct lane *lane, struct rte_mbuf *frame, uint64_t now_us)
{
	if (!fits(&fault->config, lane, frame, now_us)) {
		lane->counts.queue_full++;
		rte_pktmbuf_free(frame);
		return;
	}
	heap_push(lane, (struct held){ .due_us = due_us(&fault->config, lane, frame, now_us),
				       .order = lane->order++,
				       .frame = frame });
}

static bool
fits(const struct fault_config *config, const struct lane *lane, const struct rte_mbuf *frame,
     uint64_t now_us)
{
	return lane->held < config->queue_frames &&
	       (!config->buffer_bytes ||
		port_pace_waiting_bytes(&lane->pace, now_us) + frame->pkt_len <=
		    config->buffer_bytes);
}

static uint64_t
due_us(const struct fault_config *config, struct lane *lane, const struct rte_mbuf *frame,
       uint64_t now_us)
{
	uint64_t due = port_pace_take(&lane->pace, frame->pkt_len, now_us) + config->delay_us;

	if (config->jitter_us)
		due += rng_below(&lane->rng, (uint32_t)config->jitter_us + 1);
	if (due < lane->last_due_us)
		due = lane->last_due_us;
	lane->last_due_us = due;
	if (chance(lane, config->reorder_ppm)) {
		due += config->reorder_us;
		lane->counts.reordered++;
	}
	return due;
}

static bool
leaves_before(const struct held *a, const struct held *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void
heap_push(struct lane *lane, struct held entry)
{
	uint32_t at = lane->held++;

	while (at && leaves_before(&entry, &lane->heap[(at - 1) / 2])) {
		lane->heap[at] = lane->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	lane->heap[at] = entry;
}

static struct rte_mbuf *
heap_pop(struct lane *lane)
{
	struct rte_mbuf *frame = lane->heap[0].frame;
	struct held last = lane->heap[--lane->held];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < lane->held) {
		if (child + 1 < lane->held &&
		    leaves_before(&lane->heap[child + 1], &lane->heap[child]))
			child++;
		if (!leaves_before(&lane->heap[child], &last))
			break;
		lane->heap[at] = lane->heap[child];
		at = child;
	}
	lane->heap[at] = last;
	return frame;
}

static uint64_t
fault_next_us(struct port *port)
{
	const struct fault *fault = port->state;
	uint64_t next =
	    port->inner->ops->next_us ? port->inner->ops->next_us(port->inner) : UINT64_MAX;

	for (unsigned i = 0; i < fault->queues * (unsigned)DIRS; i++) {
		const struct lane *lane = &fault->lanes[i / DIRS][i % DIRS];

		if (lane->ready_count)
			return 0; /* was due before and found the inner port full */
		if (lane->held && lane->heap[0].due_us < next)
			next = lane->heap[0].due_us;
	}
	return next;
}

static void
fault_info(struct port *port, struct port_info *info)
{
	size_t len;

	port_info(port->inner, info);
	len = strlen(info->driver);
	snprintf(info->driver + len, sizeof info->driver - len, "+fault");
	info->offloads &= PORT_OFFLOADS_INWARD;
}

static void
counts_add(struct port_fault_counts *sum, const struct port_fault_counts *counts)
{
	sum->frames += counts->frames;
	sum->lost += counts->lost;
	sum->duplicated += counts->duplicated;
	sum->reordered += counts->reordered;
	sum->corrupted += counts->corrupted;
	sum->queue_full += counts->queue_full;
	sum->no_buffer += counts->no_buffer;
}

void
port_fault_stats(const struct port *port, struct port_fault_stats *out)
{
	memset(out, 0, sizeof *out);
	for (; port; port = port->inner) {
		const struct fault *fault = port->state;

		if (port->ops != &fault_ops)
			continue;
		for (uint16_t i = 0; i < fault->queues; i++) {
			counts_add(&out->rx, &fault->lanes[i][DIR_RX].counts);
			counts_add(&out->tx, &fault->lanes[i][DIR_TX].counts);
		}
	}
}

static void
fault_close(struct port *port)
{
	port_close(port->inner);
	fault_free(port->state);
}

static void
fault_free(struct fault *fault)
{
	if (!fault)
		return;
	for (unsigned i = 0; i < fault->queues * (unsigned)DIRS; i++) {
		struct lane *lane = &fault->lanes[i / DIRS][i % DIRS];

		rte_pktmbuf_free_bulk(&lane->ready[lane->ready_first], lane->ready_count);
		while (lane->held)
			rte_pktmbuf_free(heap_pop(lane));
		free(lane->heap);
	}
	free(fault->lanes);
	free(fault);
}
