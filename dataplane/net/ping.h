/*
 * Echo requests of our own, for `ping` and `traceroute`: each of PING_SLOTS probes is sent, and what answers it is
 * found by an identifier of this worker's and a number of the probe. Worker 0's, where all ICMP comes that is about no
 * TCP connection.
 */
#ifndef DATAPLANE_NET_PING_H
#define DATAPLANE_NET_PING_H

#include "dataplane/net/net.h"
#include "fw/abi/ping.h"

/* Sends the probe; one that was under way in this slot is forgotten. What is wrong with the plan is its answer. Copies. */
void ping_send(struct net *net, unsigned slot, const struct ping_plan *plan, uint64_t now_us);
/* Whether the slot's probe is over; fills *answer then. */
bool
ping_is_over(const struct net *net, unsigned slot, uint64_t now_us, struct ping_answer *answer);

#endif
