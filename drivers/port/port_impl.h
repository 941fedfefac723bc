/*
 * What the files of this folder share: opening by spec, and the frame operations of several
 * drivers. Nobody else includes it.
 */
#ifndef DRIVERS_PORT_PORT_IMPL_H
#define DRIVERS_PORT_PORT_IMPL_H

#include <rte_mbuf.h>

#include "drivers/port/port.h"
#include "fw/base/str.h"

/* What port_open hands to the driver that the spec names. All of it is lent for the call. */
struct port_request {
	const char *name; /* front-panel name */
	struct str args;  /* the spec behind "driver:" */
	uint16_t queues;
	struct rte_mempool *mbufs;
	uint16_t mtu_bytes; /* option mtu=; 0: not given */
	char *why;          /* the driver says here why it failed */
	unsigned why_bytes;
};

/* Writes the reason for people and passes err on, so that a refusal is one statement. */
enum err port_refuse(const struct port_request *request, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes ",mtu=N" off the end of a spec, 0: there is none; false if N is no such number. */
bool port_take_mtu(struct str *args, uint16_t *mtu_bytes);

/* Gives a port that port_close frees. NULL when memory is short. Takes state on success. */
struct port *
port_new(const char *name, const struct port_ops *ops, void *state, struct port *inner);

/* port_ethdev.c */
MUST_CHECK enum err port_ethdev_af_xdp(const struct port_request *request, struct port **out);
MUST_CHECK enum err port_ethdev_memif(const struct port_request *request, struct port **out);
MUST_CHECK enum err port_ethdev_ring(const struct port_request *request, struct port **out);
MUST_CHECK enum err port_ethdev_pci(const struct port_request *request, struct port **out);
/* port_bond.c */
MUST_CHECK enum err port_bond(const struct port_request *request, struct port **out);
/* port_absent.c */
MUST_CHECK enum err port_absent(const struct port_request *request, struct port **out);

/*
 * Whether a device may be given the buffer itself: one segment, its own, and nobody else looks at
 * it. Anything else is copied first (port_frame_copy).
 */
static inline bool
port_frame_is_plain(const struct rte_mbuf *m)
{
	return m->nb_segs == 1 && RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1;
}

/* Largest IP packet that a buffer of this pool takes, with Ethernet header and tag. */
static inline uint16_t
port_buffer_mtu(struct rte_mempool *mbufs)
{
	return (uint16_t)(rte_pktmbuf_data_room_size(mbufs) - RTE_PKTMBUF_HEADROOM -
			  PORT_FRAME_HEADER_BYTES);
}

/*
 * Gives a plain copy of the frame from mbufs, with what is known of it (ol_flags and the fields that these are about);
 * NULL when there is no buffer or the frame does not fit into one.
 */
static inline struct rte_mbuf *
port_frame_copy(const struct rte_mbuf *m, struct rte_mempool *mbufs)
{
	struct rte_mbuf *copy = rte_pktmbuf_alloc(mbufs);
	char *to;

	if (!copy)
		return NULL;
	to = m->pkt_len <= UINT16_MAX ? rte_pktmbuf_append(copy, (uint16_t)m->pkt_len) : NULL;
	if (!to) {
		rte_pktmbuf_free(copy);
		return NULL;
	}
	copy->ol_flags = m->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	copy->vlan_tci = m->vlan_tci;
	copy->hash = m->hash;
	copy->tx_offload = m->tx_offload;
	for (; m; m = m->next) {
		memcpy(to, rte_pktmbuf_mtod(m, const char *), m->data_len);
		to += m->data_len;
	}
	return copy;
}

/* A line of limited rate: when the frame that starts now has left it. Zeroed: infinitely fast. */
struct port_pace {
	uint64_t ns_per_byte_q16; /* nanoseconds a byte, 16 bits of fraction */
	uint64_t busy_until_ns;
};

static inline void
port_pace_init(struct port_pace *pace, uint64_t rate_bps)
{
	pace->ns_per_byte_q16 = rate_bps ? (UINT64_C(8000000000) << 16) / rate_bps : 0;
	pace->busy_until_ns = 0;
}

/* Bytes that wait for the line or are leaving it. */
static inline uint64_t
port_pace_waiting_bytes(const struct port_pace *pace, uint64_t now_us)
{
	if (!pace->ns_per_byte_q16 || pace->busy_until_ns <= now_us * 1000)
		return 0;
	return ((pace->busy_until_ns - now_us * 1000) << 16) / pace->ns_per_byte_q16;
}

/* The microsecond in which the last bit of len bytes is out; takes the line until then. */
static inline uint64_t
port_pace_take(struct port_pace *pace, uint32_t len_bytes, uint64_t now_us)
{
	uint64_t start_ns = now_us * 1000;

	if (!pace->ns_per_byte_q16)
		return now_us;
	if (start_ns < pace->busy_until_ns)
		start_ns = pace->busy_until_ns;
	pace->busy_until_ns = start_ns + ((len_bytes * pace->ns_per_byte_q16) >> 16);
	return (pace->busy_until_ns + 999) / 1000;
}

#endif
