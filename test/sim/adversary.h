/*
 * A peer that speaks TCP by hand and means harm: nearly valid segments at the worst moments, drawn from the world's seed. It opens
 * connections, accepts them, speaks well enough to be listened to, and then does what moves.tbl lists. It never says what is wrong: the
 * invariants of the other side do, and that everything of it ends.
 */
#ifndef TEST_SIM_ADVERSARY_H
#define TEST_SIM_ADVERSARY_H

#include "fw/base/addr.h"
#include "test/sim/raw.h"

#define ADVERSARY_ALL ((UINT64_C(1) << MOVE_COUNT) - 1)

struct adversary_plan {
	struct endpoint to; /* whom it calls; port 0: nobody */
	uint16_t listens;   /* whom it answers; 0: nobody */
	const uint8_t
	    *text; /* what it has to say first, as often as it is asked for more; borrowed */
	uint32_t text_len;
	uint64_t moves;    /* bits of enum move that it draws from; 0: ADVERSARY_ALL */
	uint32_t conns;    /* that it opens, all together */
	uint32_t parallel; /* at the same time at most */
	uint64_t age_us;   /* of a connection at most, drawn */
};

struct adversary;

/* Takes end; its frames go to peer_mac. Gives; lives as long as the world. */
struct adversary *
adversary_new(struct world *world, const char *name, struct port *end, const char *v4,
	      const char *v6, const uint8_t peer_mac[6], const struct adversary_plan *plan);
/* For world_run: it has opened all its connections and given each up. */
bool adversary_done(void *adversary);
/* Draws from other moves from now on, and opens so many connections more. */
void adversary_again(struct adversary *adversary, uint64_t moves, uint32_t conns);
/* Falls silent for ever; what it has left behind is its peer's to clear away. */
void adversary_stop(struct adversary *adversary);
/* Segments that it has got; of them with RST. */
uint32_t adversary_heard(const struct adversary *adversary);

#endif
