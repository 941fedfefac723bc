/*
 * Which worker a packet belongs to. A TCP flow's is found as NICs spread flows over their queues: by Toeplitz hash of
 * source and destination as received (the peer first) and an indirection table (fw/base/rss.h). An ICMP error belongs to the flow that it quotes. Worker 0 has everything else, and what is cut
 * short.
 *
 * What reaches TCP from a frame is of the worker that steer_frame names, unless a device's hash is not what it says; so
 * steer_segment is asked once more.
 *
 * Toeplitz: Microsoft's "RSS hashing types"; RFC 791, 792, 8200, 4443 for where addresses and ports stand.
 */
#ifndef DATAPLANE_NET_STEER_H
#define DATAPLANE_NET_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/base/addr.h"
#include "fw/base/rss.h"

struct rte_mbuf;

/* Of a flow, by what its segments carry when they come in. Both endpoints are of one family. */
uint32_t steer_hash(const struct endpoint *remote, const struct endpoint *local);

static inline uint32_t
steer_worker(uint32_t hash, uint32_t workers)
{
	return rss_share(hash, workers);
}

/*
 * The worker of a frame, untouched as the port gave it; with up to one VLAN tag. trusts_hash: what the device says in
 * mbuf's hash.rss is steer_hash of a TCP segment. Borrows m.
 */
uint32_t steer_frame(const struct rte_mbuf *m, uint32_t workers, bool trusts_hash);
/* The same of a packet that starts at its IP header. */
uint32_t steer_packet(const struct rte_mbuf *m, uint32_t workers);
/*
 * The worker of a segment: m starts at its TCP header, packet_of(m) has the addresses. One that is too short to have
 * ports is anybody's: then it is the one who asks, `worker`.
 */
uint32_t steer_segment(struct rte_mbuf *m, uint32_t workers, uint32_t worker);

static inline bool
steer_has(struct rte_mbuf *m, uint32_t workers, uint32_t worker)
{
	return steer_segment(m, workers, worker) == worker;
}

/* A search among local ports for one flow's, which costs more at its first question than at all others. Zeroed at first. */
struct steer_search {
	struct addr local;
	struct endpoint remote;
	uint32_t hash; /* with local port 0 */
};

/* Whether segments from remote to local are this worker's. */
bool steer_port_is_for(struct steer_search *search, const struct endpoint *local,
		       const struct endpoint *remote, uint32_t workers, uint32_t worker);

#endif
