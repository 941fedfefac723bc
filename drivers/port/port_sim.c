/*
 * A simulated link: two ports in one process, in virtual time. Frames pass by pointer and wait in a
 * queue a way until their arrival time; now_us of rx and tx is the only clock. Each end has one
 * queue.
 *
 * What a receiver gets looks like what a device gives: one segment, nobody else's reference, a
 * cleared private area, no offload flags. Serialisation counts the frame's own bytes, without
 * preamble, check sequence and gap. Left out: faults (port_fault.c) and offloads.
 */
#include "drivers/port/port_sim.h"

#include <rte_ether.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/port/port_impl.h"

struct sim_frame {
	struct rte_mbuf *frame;
	uint64_t arrival_us;
};

/* Frames towards one end. Delay is constant and the line is served in order: a ring is enough. */
struct sim_way {
	struct sim_frame *ring;
	uint32_t first, count; /* of config.queue_frames */
	struct port_pace pace;
	uint64_t missed; /* dropped at the tail */
};

struct sim_link {
	struct port_sim_link config;
	struct sim_way way[2]; /* towards end 0, end 1 */
	bool up;
	bool open[2];
};

struct sim_end {
	struct sim_link *link;
	uint8_t side;
	uint64_t errors; /* frames that could not be sent: too long, no buffer, link down */
};

static struct port *end_new(struct sim_link *link, uint8_t side, const char *name);
static uint16_t
sim_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static struct rte_mbuf *arrive(struct sim_link *link, struct sim_way *way);
static uint16_t
sim_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static struct rte_mbuf *as_sent(struct sim_end *end, struct rte_mbuf *frame);
static bool fits_mtu(const struct sim_link *link, const struct rte_mbuf *frame);
static void
depart(struct sim_link *link, struct sim_way *way, struct rte_mbuf *frame, uint64_t now_us);
static uint64_t sim_next_us(struct port *port);
static void sim_info(struct port *port, struct port_info *info);
static void sim_close(struct port *port);
static void lose_all(struct sim_link *link);
static void link_free(struct sim_link *link);

static const struct port_ops sim_ops = {
	.rx = sim_rx,
	.tx = sim_tx,
	.info = sim_info,
	.close = sim_close,
	.next_us = sim_next_us,
};

enum err
port_sim_pair(const char *name_a, const char *name_b, const struct port_sim_link *config,
	      struct port **a, struct port **b)
{
	struct sim_link *link;

	if (!config->queue_frames || config->mtu_bytes < RTE_ETHER_MIN_MTU)
		return ERR_invalid;
	link = calloc(1, sizeof *link);
	if (!link)
		return ERR_no_memory;
	link->config = *config;
	link->up = true;
	for (unsigned i = 0; i < 2; i++) {
		link->way[i].ring = calloc(config->queue_frames, sizeof *link->way[i].ring);
		port_pace_init(&link->way[i].pace, config->rate_bps);
	}
	*a = end_new(link, 0, name_a);
	*b = end_new(link, 1, name_b);
	if (*a && *b && link->way[0].ring && link->way[1].ring)
		return ERR_ok;
	for (unsigned i = 0; i < 2; i++) {
		struct port *end = i ? *b : *a;

		if (end)
			free(end->state);
		free(end);
	}
	link_free(link);
	return ERR_no_memory;
}

static struct port *
end_new(struct sim_link *link, uint8_t side, const char *name)
{
	struct sim_end *end = calloc(1, sizeof *end);
	struct port *port = end ? port_new(name, &sim_ops, end, NULL) : NULL;

	if (!port) {
		free(end);
		return NULL;
	}
	*end = (struct sim_end){ .link = link, .side = side };
	link->open[side] = true;
	return port;
}

static uint16_t
sim_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct sim_end *end = port->state;
	struct sim_way *way = &end->link->way[end->side];
	uint16_t got = 0;

	ASSERT(queue == 0);
	while (got < n && way->count && way->ring[way->first].arrival_us <= now_us)
		burst[got++] = arrive(end->link, way);
	return got;
}

static struct rte_mbuf *
arrive(struct sim_link *link, struct sim_way *way)
{
	struct rte_mbuf *frame = way->ring[way->first].frame;

	way->first = way->first + 1 == link->config.queue_frames ? 0 : way->first + 1;
	way->count--;
	frame->ol_flags = 0;
	frame->packet_type = 0;
	frame->tx_offload = 0;
	memset(rte_mbuf_to_priv(frame), 0, frame->priv_size);
	return frame;
}

/* Takes every frame: what can't go is counted and freed, as a device does it. */
static uint16_t
sim_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct sim_end *end = port->state;
	struct sim_way *way = &end->link->way[!end->side];

	ASSERT(queue == 0);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *frame = as_sent(end, burst[i]);

		if (frame)
			depart(end->link, way, frame, now_us);
		else
			end->errors++;
	}
	return n;
}

/* The frame as it goes on the wire, NULL (and freed) if it can't. */
static struct rte_mbuf *
as_sent(struct sim_end *end, struct rte_mbuf *frame)
{
	struct rte_mbuf *copy;

	if (!end->link->up || !fits_mtu(end->link, frame)) {
		rte_pktmbuf_free(frame);
		return NULL;
	}
	if (port_frame_is_plain(frame))
		return frame;
	copy = port_frame_copy(frame, frame->pool);
	rte_pktmbuf_free(frame);
	return copy;
}

static bool
fits_mtu(const struct sim_link *link, const struct rte_mbuf *frame)
{
	return frame->pkt_len >= RTE_ETHER_HDR_LEN &&
	       frame->pkt_len <=
		   link->config.mtu_bytes + (uint32_t)(RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN);
}

static void
depart(struct sim_link *link, struct sim_way *way, struct rte_mbuf *frame, uint64_t now_us)
{
	uint32_t last = way->first + way->count;

	if (way->count == link->config.queue_frames) {
		way->missed++;
		rte_pktmbuf_free(frame);
		return;
	}
	if (last >= link->config.queue_frames)
		last -= link->config.queue_frames;
	way->ring[last].frame = frame;
	way->ring[last].arrival_us =
	    port_pace_take(&way->pace, frame->pkt_len, now_us) + link->config.delay_us;
	way->count++;
}

static uint64_t
sim_next_us(struct port *port)
{
	const struct sim_end *end = port->state;
	const struct sim_way *way = &end->link->way[end->side];

	return way->count ? way->ring[way->first].arrival_us : UINT64_MAX;
}

uint64_t
port_next_us(struct port *port)
{
	return port->ops->next_us ? port->ops->next_us(port) : UINT64_MAX;
}

void
port_sim_link_set(struct port *port, bool up)
{
	struct sim_end *end;

	while (port->inner)
		port = port->inner;
	ASSERT(port->ops == &sim_ops);
	end = port->state;
	if (!up)
		lose_all(end->link);
	end->link->up = up && end->link->open[0] && end->link->open[1];
}

static void
sim_info(struct port *port, struct port_info *info)
{
	const struct sim_end *end = port->state;
	const struct port_sim_link *config = &end->link->config;

	snprintf(info->driver, sizeof info->driver, "sim");
	memcpy(info->mac, config->mac[end->side], sizeof info->mac);
	info->link_up = end->link->up;
	info->mtu_bytes = config->mtu_bytes;
	info->queues = 1;
	info->speed_mbps = (uint32_t)(config->rate_bps / 1000000);
	info->missed = end->link->way[end->side].missed;
	info->errors = end->errors;
}

static void
sim_close(struct port *port)
{
	struct sim_end *end = port->state;
	struct sim_link *link = end->link;

	link->open[end->side] = false;
	link->up = false;
	lose_all(link);
	if (!link->open[!end->side])
		link_free(link);
	free(end);
}

static void
lose_all(struct sim_link *link)
{
	for (unsigned i = 0; i < 2; i++)
		while (link->way[i].count)
			rte_pktmbuf_free(arrive(link, &link->way[i]));
}

static void
link_free(struct sim_link *link)
{
	free(link->way[0].ring);
	free(link->way[1].ring);
	free(link);
}
