/*
 * The TCP of one worker: its memory, laid out once at start. Everything that happens later enters
 * by in.c, out.c, timer.c and app.c.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

/*
 * Text may fill the packet pool up to here, in percent. The rest is for what needs a buffer for a
 * moment only: ACKs that come in and segments that go out, without which nothing that is kept would
 * ever be sent and freed.
 */
#define KEEP_PERCENT 95u

const struct tcp_settings tcp_settings_default = {
	.conns = 32768,
	.flights = 16384,
	.half_open_max = 8192,
	.time_wait_us = 30000000,
	.rto_min_us = 200000,
	.rto_max_us = 60000000,
	.linger_us = 60000000,
	.segments = 65536,
	.profile = {
		.receive_buffer_bytes = 2u << 20,
		.send_buffer_bytes = 2u << 20,
		.delayed_ack_us = 40000,
		.syn_retries = 7, /* 183 seconds: RFC 9293 MUST-23 */
		.data_retries = 10,
		.keep_alive_interval_ms = 75000,
		.keep_alive_probes = 9,
		.cc = TCP_CC_CUBIC,
	},
};

static uint32_t bucket_count(const struct tcp_settings *settings);
static uint8_t *carve(uint8_t **at, size_t bytes);
static struct siphash_key derive(const struct siphash_key *key, const char *purpose);

static size_t
rounded(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

static uint32_t
flight_count(const struct tcp_settings *settings)
{
	return settings->flights ? settings->flights : settings->conns;
}

size_t
tcp_memory_bytes(const struct tcp_settings *settings)
{
	return rounded(sizeof(struct tcp)) +
	       rounded(pool_memory_bytes(sizeof(struct tcp_conn), settings->conns)) +
	       rounded(pool_memory_bytes(sizeof(struct tcp_flight), flight_count(settings))) +
	       rounded(pool_memory_bytes(sizeof(struct tcp_sent), settings->segments)) +
	       rounded(bucket_count(settings) * sizeof(uint32_t));
}

struct tcp *
tcp_init(void *memory, const struct tcp_settings *settings, const struct tcp_host *host,
	 struct rte_mempool *mbufs, struct stats_worker *stats, const struct siphash_key *key,
	 uint64_t now_us)
{
	uint8_t *at = memory;
	struct tcp *tcp = (struct tcp *)carve(&at, sizeof *tcp);

	ASSERT(((uintptr_t)memory & 63) == 0);
	ASSERT(settings->conns > 0 && settings->segments > 0 &&
	       settings->profile.receive_buffer_bytes >= TCP_BUFFER_MIN);
	*tcp = (struct tcp){
		.settings = *settings,
		.host = host,
		.mbufs = mbufs,
		.keep_left = UINT32_MAX,
		.stats = stats,
		.table_key = derive(key, "table"),
		.isn_key = derive(key, "isn"),
		.port_key = derive(key, "port"),
		.ts_key = derive(key, "timestamps"),
		.cookie_key = derive(key, "syn cookies"),
		.challenge_key = derive(key, "challenges"),
		.fast_open_key = derive(key, "fast open"),
		.path_key = derive(key, "paths"),
		.bucket_mask = bucket_count(settings) - 1,
	};
	pool_init(&tcp->conns,
		  carve(&at, pool_memory_bytes(sizeof(struct tcp_conn), settings->conns)),
		  sizeof(struct tcp_conn), settings->conns);
	pool_init(&tcp->flights,
		  carve(&at, pool_memory_bytes(sizeof(struct tcp_flight), flight_count(settings))),
		  sizeof(struct tcp_flight), flight_count(settings));
	tcp_flight_clear(&tcp->idle);
	pool_init(&tcp->sent,
		  carve(&at, pool_memory_bytes(sizeof(struct tcp_sent), settings->segments)),
		  sizeof(struct tcp_sent), settings->segments);
	tcp->buckets = (uint32_t *)carve(&at, bucket_count(settings) * sizeof(uint32_t));
	for (uint32_t i = 0; i <= tcp->bucket_mask; i++)
		tcp->buckets[i] = TCP_NONE;
	for (uint32_t i = 0; i < TCP_PROFILES; i++)
		tcp->profiles[i] = settings->profile;
	tcp_list_init(tcp);
	wheel_init(&tcp->wheel, &conn_at(tcp, 0)->timer, sizeof(struct tcp_conn), now_us);
	return tcp;
}

void
tcp_set_pressure(struct tcp *tcp, unsigned percent_used)
{
	uint64_t left = percent_used >= KEEP_PERCENT
			    ? 0
			    : (uint64_t)tcp->mbufs->size * (KEEP_PERCENT - percent_used) / 100;
	uint32_t sharers = tcp->settings.mbuf_sharers ? tcp->settings.mbuf_sharers : 1;

	tcp->pressure_percent = percent_used;
	tcp->keep_left = (uint32_t)(left / sharers); /* others take theirs meanwhile */
}

void
tcp_set_profile(struct tcp *tcp, uint32_t number, const struct tcp_profile *profile)
{
	ASSERT(number < TCP_PROFILES && profile->cc < TCP_CC_COUNT &&
	       profile->receive_buffer_bytes >= TCP_BUFFER_MIN &&
	       profile->send_buffer_bytes >= TCP_BUFFER_MIN);
	tcp->profiles[number] = *profile;
}

uint32_t
tcp_profile_users(const struct tcp *tcp, uint32_t number)
{
	return tcp->profile_users[number];
}

/* A power of two, so that about every second bucket is used when all connections are. */
static uint32_t
bucket_count(const struct tcp_settings *settings)
{
	uint32_t count = 64;

	while (count < settings->conns * 2)
		count *= 2;
	return count;
}

static uint8_t *
carve(uint8_t **at, size_t bytes)
{
	uint8_t *piece = *at;

	*at += rounded(bytes);
	return piece;
}

/* One secret is given; each use has a key of its own, so that none tells anything about another. */
static struct siphash_key
derive(const struct siphash_key *key, const char *purpose)
{
	struct siphash_key mirrored = { .k0 = key->k1, .k1 = ~key->k0 };
	size_t len = strlen(purpose);

	return (struct siphash_key){ .k0 = siphash(key, purpose, len),
				     .k1 = siphash(&mirrored, purpose, len) };
}
