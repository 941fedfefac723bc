/*
 * Between the network layer and the kernel, for what the box itself serves on a data port (fw/abi/services.tbl). No
 * thread and no device in here: path.c carries frames to and from rings whose other side is dataplane/punt.c.
 */
#ifndef DATAPLANE_NET_PUNT_H
#define DATAPLANE_NET_PUNT_H

#include "dataplane/net/net.h"

#define PUNT_PACKET_MAX                                                                            \
	1500u /* bytes from the IP header on; the kernel's interfaces have no larger MTU */
#define PUNT_FRAME_BYTES 1514u

/*
 * A packet of verdict NET_PUNT as a frame for the kernel's interface of packet_of(m)->port; answers its length.
 * Borrows m, which starts at its IP header.
 */
uint32_t punt_copy(const struct net *net, const struct rte_mbuf *m, uint8_t out[PUNT_FRAME_BYTES]);
/*
 * A frame of one buffer that the kernel sent through its interface of this port. NET_SEND, NET_TAKEN as of eth_output;
 * NET_DROP: also for what is of no service allowed there.
 */
struct net_verdict punt_output(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t now_us);

#endif
