/*
 * Profiles to numbers, at the adoption of a view. By identity: a profile that was there before keeps its
 * number. One that has left keeps its number and settings while connections have it; then the number is
 * free for another. There are several times as many numbers as profiles, so that is soon enough: only
 * when all others are in use does a new profile take the number of one that has left, in place, and the
 * connections that still have it follow the new settings.
 *
 * What it leaves out: what the settings mean (dataplane/tcp).
 */
#include "dataplane/profile.h"

#include <string.h>

STATIC_ASSERT(TCP_PROFILES > LIMIT_TCP_PROFILES, "one for each, and the default");
STATIC_ASSERT(TCP_PROFILES - 1 <= UINT8_MAX, "a number fits the map");
STATIC_ASSERT((int)GEN_TCP_CC_CUBIC == (int)TCP_CC_CUBIC &&
		  (int)GEN_TCP_CC_NEWRENO == (int)TCP_CC_NEWRENO &&
		  (int)GEN_TCP_CC_COUNT == (int)TCP_CC_COUNT,
	      "both planes number them alike");
STATIC_ASSERT(LIMIT_TCP_BUFFER_MIN >= TCP_BUFFER_MIN, "what is configured, TCP can do");

static uint32_t number_of(const struct profile_numbers *numbers, uint64_t hash);
static uint32_t number_free(const struct profile_numbers *numbers, const struct tcp *tcp,
			    const bool taken[TCP_PROFILES]);

void
profile_adopt(struct profile_numbers *numbers, struct tcp *tcp, const struct generation *gen,
	      struct profile_map *map)
{
	const struct gen_tcp_profile *profiles = generation_tcp_profiles(gen);
	bool taken[TCP_PROFILES] = { [TCP_PROFILE_DEFAULT] = true };

	/* Those that stay first, so that none of their numbers goes to one that comes. */
	for (uint32_t i = 0; i < gen->tcp_profiles.count; i++) {
		map->number[i] = (uint8_t)number_of(numbers, profiles[i].hash);
		if (map->number[i] != TCP_PROFILE_DEFAULT)
			taken[map->number[i]] = true;
	}
	for (uint32_t i = 0; i < gen->tcp_profiles.count; i++) {
		struct tcp_profile settings = profile_settings(&profiles[i]);

		if (map->number[i] == TCP_PROFILE_DEFAULT) {
			map->number[i] = (uint8_t)number_free(numbers, tcp, taken);
			taken[map->number[i]] = true;
			numbers->owner[map->number[i]] = profiles[i].hash;
		}
		tcp_set_profile(tcp, map->number[i], &settings);
	}
}

/* TCP_PROFILE_DEFAULT: none. */
static uint32_t
number_of(const struct profile_numbers *numbers, uint64_t hash)
{
	for (uint32_t n = TCP_PROFILE_DEFAULT + 1; n < TCP_PROFILES; n++)
		if (numbers->owner[n] == hash)
			return n;
	return TCP_PROFILE_DEFAULT;
}

/* One without connections; if there is none, one whose profile has left. */
static uint32_t
number_free(const struct profile_numbers *numbers, const struct tcp *tcp,
	    const bool taken[TCP_PROFILES])
{
	uint32_t left = TCP_PROFILE_DEFAULT;

	for (uint32_t n = TCP_PROFILES - 1; n > TCP_PROFILE_DEFAULT; n--) {
		if (taken[n])
			continue;
		if (tcp_profile_users(tcp, n) == 0)
			return n;
		left = n;
	}
	ASSERT(left != TCP_PROFILE_DEFAULT);
	return left;
}

struct tcp_profile
profile_settings(const struct gen_tcp_profile *from)
{
	return (struct tcp_profile){
		.receive_buffer_bytes = from->receive_buffer_bytes,
		.send_buffer_bytes = from->send_buffer_bytes,
		.delayed_ack_us = from->delayed_ack_ms * 1000,
		.syn_retries = from->syn_retries,
		.data_retries = from->data_retries,
		.max_segment_bytes = from->max_segment_bytes,
		.user_timeout_ms = from->user_timeout_ms,
		.keep_alive_idle_ms = from->keep_alive_idle_ms,
		.keep_alive_interval_ms = from->keep_alive_interval_ms,
		.keep_alive_probes = from->keep_alive_probes,
		.cc = (uint8_t)from->congestion_control,
		.ecn = from->ecn,
		.nagle = from->nagle,
		.pacing = from->pacing,
		.fast_open = from->fast_open,
	};
}

uint32_t
profile_number(const struct profile_numbers *numbers, const struct generation *gen,
	       const struct profile_map *map, uint32_t profile)
{
	uint32_t number = TCP_PROFILE_DEFAULT;

	if (profile != GENERATION_NONE)
		number = map->number[profile];
	if (number == TCP_PROFILE_DEFAULT ||
	    numbers->owner[number] != generation_tcp_profiles(gen)[profile].hash)
		return TCP_PROFILE_DEFAULT;
	return number;
}
