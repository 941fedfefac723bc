/*
 * Simulated ports: two ends of a link in one process, in virtual time. What one end sends, the
 * other receives after the link's delay. Wrap an end with port_fault_wrap for loss and kin. No
 * threads, no clock.
 */
#ifndef DRIVERS_PORT_PORT_SIM_H
#define DRIVERS_PORT_PORT_SIM_H

#include "drivers/port/port.h"

struct port_sim_link {
	uint32_t delay_us; /* one way */
	uint64_t rate_bps; /* serialisation rate, 0: infinitely fast */
	/* Frames that may be under way or wait, each way; more are dropped at the tail. */
	uint32_t queue_frames;
	uint16_t mtu_bytes;
	uint8_t mac[2][6]; /* of end a, of end b */
};

/*
 * Makes a link; gives both ends. Closing one end leaves the other with its link down.
 */
MUST_CHECK enum err
port_sim_pair(const char *name_a, const char *name_b, const struct port_sim_link *link,
	      struct port **a, struct port **b);
/*
 * When something happens at this end next, UINT64_MAX: nothing: a frame under way to it arrives, or one
 * that a fault wrapper holds is due in either direction. Then call port_rx, and port_tx (n may be 0).
 */
uint64_t port_next_us(struct port *end);
/* What a port is made to claim, and how many queues it is to have. */
struct port_sim_claims {
	uint32_t offloads; /* bits of enum port_offload */
	uint16_t queues;   /* 0: one; up to PORT_SIM_QUEUES */
	bool in_turn; /* without RSS: frames come by all queues in turn, not by the first only */
	bool
	    hashes_wrong; /* with RSS: by addresses alone, as cards do with what is no TCP to them */
};

#define PORT_SIM_QUEUES 16u

/*
 * Wraps inner (takes it), which has one queue and claims nothing, as a network card that does all that is claimed: to
 * what it receives, and to what it sends before inner sees it. So faults and recordings inside see what is on the wire.
 * Buffers are taken from mbufs (borrowed). What a frame asks for that is not claimed is our own mistake: ASSERT.
 * On failure the caller keeps inner. ERR_invalid, ERR_no_memory.
 */
MUST_CHECK enum err port_sim_claim(struct port *inner, const struct port_sim_claims *claims,
				   struct rte_mempool *mbufs, struct port **out);
/* Takes the link down (frames under way are lost) or up. */
void port_sim_link_set(struct port *end, bool up);

#endif
