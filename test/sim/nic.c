/*
 * The simulated network card. The wire goes by the world's time, whatever the node's own clock says.
 */
#include "test/sim/nic.h"

#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/pool_ops.h"

#define HASHED_BYTES                                                                               \
	160u /* of each frame: all headers, options and the start of the payload; checksums cover the rest */

struct nic {
	struct node *node;
	struct rte_mempool *mbufs;
	struct nic_stats stats;
	uint16_t queues; /* of the wire's end; who asks for another one gets what is in the first */
};

static uint16_t
nic_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static struct rte_mbuf *copy_frame(const struct rte_mbuf *from, struct rte_mempool *pool);
static struct rte_mbuf *copy_to_wire(const struct rte_mbuf *m, struct rte_mempool *wire);
static void note_frame(struct nic *nic, const struct rte_mbuf *m, uint64_t now_us);
static uint16_t
nic_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void nic_info(struct port *port, struct port_info *info);
static void nic_close(struct port *port);
static uint64_t nic_next_us(struct port *port);

static const struct port_ops nic_ops = {
	.rx = nic_rx,
	.tx = nic_tx,
	.info = nic_info,
	.close = nic_close,
	.next_us = nic_next_us,
};

struct port *
nic_new(struct node *node, struct port *end, struct rte_mempool *mbufs)
{
	struct port *port = calloc(1, sizeof *port);
	struct nic *nic = calloc(1, sizeof *nic);
	struct world *world = node->world;
	struct port_info info;

	ASSERT(port && nic);
	port_info(end, &info);
	*nic = (struct nic){ .node = node, .mbufs = mbufs, .queues = info.queues };
	port->ops = &nic_ops;
	port->state = nic;
	port->inner = end;
	memcpy(port->name, end->name, sizeof port->name);
	for (uint32_t i = 0; i < world->closing_count; i++)
		if (world->closing[i] == end)
			world->closing[i] = port;
	return port;
}

const struct nic_stats *
nic_stats(const struct port *port)
{
	return &((const struct nic *)port->state)->stats;
}

static uint16_t
nic_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct nic *nic = port->state;
	uint16_t from = queue < nic->queues ? queue : 0;
	uint16_t got = port_rx(port->inner, from, burst, n, nic->node->world->now_us), kept = 0;

	for (uint16_t i = 0; i < got; i++) {
		struct rte_mbuf *frame = burst[i], *m = copy_frame(frame, nic->mbufs);

		rte_pktmbuf_free(frame);
		if (!m) {
			nic->stats.missed++;
			continue;
		}
		note_frame(nic, m, now_us);
		if (nic->stats.rx_frames % 2)
			pool_tighten(m);
		burst[kept++] = m;
	}
	return kept;
}

/* Fresh, in one segment, with what the card has found out; what is not payload overwritten: whoever reads behind the end reads garbage. */
static struct rte_mbuf *
copy_frame(const struct rte_mbuf *from, struct rte_mempool *pool)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	char *to = m ? rte_pktmbuf_append(m, (uint16_t)from->pkt_len) : NULL;

	if (!to) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	m->ol_flags = from->ol_flags;
	m->vlan_tci = from->vlan_tci;
	m->hash = from->hash;
	for (; from; from = from->next) {
		memcpy(to, rte_pktmbuf_mtod(from, const char *), from->data_len);
		to += from->data_len;
	}
	memset(to, 0xa5, min_u64(rte_pktmbuf_tailroom(m), 64));
	memset(rte_mbuf_to_priv(m), 0, m->priv_size);
	return m;
}

static void
note_frame(struct nic *nic, const struct rte_mbuf *m, uint64_t now_us)
{
	struct world *world = nic->node->world;
	uint64_t head[3] = { now_us, nic->node->id, m->pkt_len };

	nic->stats.rx_frames++;
	nic->stats.rx_bytes += m->pkt_len;
	world->status->frames++;
	world_note(world, head, sizeof head);
	world_note(world, rte_pktmbuf_mtod(m, const void *), min_u64(m->data_len, HASHED_BYTES));
}

static uint16_t
nic_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct nic *nic = port->state;
	struct rte_mbuf *out[PORT_BURST];
	uint16_t count = 0;

	ASSERT(n <= PORT_BURST);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = copy_to_wire(burst[i], nic->node->world->wire);

		if (!m)
			world_fail(nic->node->world, "%s: too many frames under way",
				   nic->node->name);
		nic->stats.tx_frames++;
		nic->stats.tx_bytes += m->pkt_len;
		rte_pktmbuf_free(burst[i]);
		out[count++] = m;
	}
	if (queue >= nic->queues)
		queue = 0;
	for (uint16_t i = port_tx(port->inner, queue, out, count, nic->node->world->now_us);
	     i < count; i++)
		rte_pktmbuf_free(out[i]);
	return n;
}

/* With what the card is asked to do with it; a long packet that it is to cut in several pieces. */
static struct rte_mbuf *
copy_to_wire(const struct rte_mbuf *m, struct rte_mempool *wire)
{
	return rte_pktmbuf_copy(m, wire, 0, UINT32_MAX);
}

static void
nic_info(struct port *port, struct port_info *info)
{
	port_info(port->inner, info);
}

static void
nic_close(struct port *port)
{
	port_close(port->inner);
	free(port->state);
}

static uint64_t
nic_next_us(struct port *port)
{
	const struct nic *nic = port->state;
	uint64_t next_us = port_next_us(port->inner);

	return next_us == UINT64_MAX ? next_us : next_us + nic->node->clock_us;
}
