/*
 * A network layer by itself (dataplane/net) for the targets that have one, between the ports of box.h: it puts fragments
 * together, and nothing is above it.
 */
#ifndef TEST_FUZZ_NET_H
#define TEST_FUZZ_NET_H

#include "dataplane/net/net.h"
#include "test/fuzz/box.h"

struct fuzz_net {
	struct net *net; /* of this input */
	uint64_t now_us;
	struct stats_worker *stats;
	struct config_view *view;
	struct fuzz_box box;
	struct net_setup setup;
	void *memory;
};

/* Once, under a configuration text that begins with BOX_TEXT. */
void fuzz_net_start(struct fuzz_net *f, const char *text);
/* A fresh network layer, a second after time began. */
void fuzz_net_begin(struct fuzz_net *f);
/* Ends it; ASSERTs that no buffer is missing, and that what was dropped had a reason. */
void fuzz_net_end(struct fuzz_net *f);

/* ASSERTs that a complete frame on its way out is well-formed. Borrows m. */
void fuzz_net_check_out(const struct fuzz_net *f, struct rte_mbuf *m);
/* The same of all that it has to say of its own accord, which is not much at a time. */
void fuzz_net_take_own(struct fuzz_net *f);

#endif
