/*
 * A network layer by itself.
 */
#include "test/fuzz/net.h"

#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#define POLL    64u
#define OWN_MAX 1024u

void
fuzz_net_start(struct fuzz_net *f, const char *text)
{
	fuzz_mbufs();
	fuzz_box_init(&f->box, NULL);
	f->view = fuzz_box_view(&f->box, fuzz_compile(text, NULL, 1));
	f->stats = &f->box.stats->worker[0];
	f->setup = (struct net_setup){
		.mbufs = fuzz_mbufs(), .stats = f->stats, .seed = 1, .reassembles = true
	};
	f->memory = aligned_alloc(64, (net_memory_bytes(&f->setup) + 63) & ~(size_t)63);
	ASSERT(f->memory);
}

void
fuzz_net_begin(struct fuzz_net *f)
{
	memset(f->stats->counter, 0, sizeof f->stats->counter);
	memset(f->stats->drop, 0, sizeof f->stats->drop);
	f->now_us = 1000000;
	f->net = net_init(f->memory, &f->setup);
	net_configure(f->net, &f->view->net, f->now_us);
}

void
fuzz_net_end(struct fuzz_net *f)
{
	ASSERT(f->stats->drop[DROP_none] == 0);
	net_fini(f->net);
	fuzz_mbufs_are_back();
}

void
fuzz_net_check_out(const struct fuzz_net *f, struct rte_mbuf *m)
{
	struct packet_rules rules = { .mtu_bytes = BOX_MTU_BYTES,
				      .is_ours = fuzz_box_is_ours,
				      .context = f->view };
	uint32_t port = packet_of(m)->port;
	struct packet_seen seen;

	ASSERT(port < BOX_PORTS && m->nb_segs == 1 && m->data_len == m->pkt_len);
	fuzz_box_mac(port, rules.mac);
	packet_check_frame(rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, &rules, &seen);
}

void
fuzz_net_take_own(struct fuzz_net *f)
{
	struct rte_mbuf *burst[POLL];
	unsigned total = 0;
	uint16_t n;

	do {
		n = net_poll(f->net, burst, POLL, f->now_us);
		for (uint16_t i = 0; i < n; i++)
			fuzz_net_check_out(f, burst[i]);
		rte_pktmbuf_free_bulk(burst, n);
		total += n;
		ASSERT(total <= OWN_MAX);
	} while (n == POLL);
}
