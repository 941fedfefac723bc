/*
 * Watches that no cwnd is larger than it has earned, and that no connection outlives its limit: each that waits for its peer, or has been let go, has a latest end when the peer
 * says nothing. Time that passed without the node, by stalls and jumps of its clock, does not count.
 */
#ifndef TEST_SIM_WATCH_H
#define TEST_SIM_WATCH_H

#include "dataplane/tcp/tcp.h"
#include "test/sim/world.h"

struct watch;

/* Gives; lives as long as the process. */
struct watch *watch_new(uint32_t conns);
/* All connections have gone: the node was started anew. */
void watch_forget(struct watch *watch);
/* Fails the run for a connection that should have ended; looks once a second of the node's. */
void watch_check(struct watch *watch, const struct node *node, const struct tcp *tcp,
		 const struct tcp_settings *settings, uint64_t now_us);

#endif
