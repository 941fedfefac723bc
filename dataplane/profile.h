/*
 * TCP's numbers for the profiles of the configuration, one worker's. A connection has a number for its
 * life, and the number keeps its profile while that is configured: a changed profile of the same name is
 * followed by the connections that exist.
 */
#ifndef DATAPLANE_PROFILE_H
#define DATAPLANE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tcp/tcp.h"
#include "fw/abi/generation.h"

/* The numbers of one view's profiles, by their index in the generation. */
struct __attribute__((aligned(64))) profile_map {
	uint8_t number[LIMIT_TCP_PROFILES];
};

/* Whose each number is. */
struct profile_numbers {
	uint64_t owner
	    [TCP_PROFILES]; /* gen_tcp_profile.hash; 0: nobody's. That of the default stays 0 */
};

/*
 * Gives each profile of the generation its number, and the number its settings. Bounded by
 * LIMIT_TCP_PROFILES and TCP_PROFILES, however many connections there are.
 */
void profile_adopt(struct profile_numbers *numbers, struct tcp *tcp, const struct generation *gen,
		   struct profile_map *map);
/* What it says, as TCP has it. */
struct tcp_profile profile_settings(const struct gen_tcp_profile *from);
/*
 * The number for connections that are to have this profile (index in the generation that map was made
 * for; GENERATION_NONE: the default). The default too for one that a later generation has left out, when
 * its number has gone to another since.
 */
uint32_t profile_number(const struct profile_numbers *numbers, const struct generation *gen,
			const struct profile_map *map, uint32_t profile);

#endif
