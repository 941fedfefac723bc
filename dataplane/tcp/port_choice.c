/*
 * Local ports of connections that we open: RFC 6056 3.3.3 (algorithm 3, simple hash-based). Towards
 * one remote endpoint ports are used one after the other from a secret place on; where a run of
 * them is taken, the search goes on with steps that reach every port, so that it costs a few looks
 * even when most ports are taken.
 *
 * With several workers only every so many-th port brings its answers back to this one. The host says which; the
 * others cost a look, no try.
 *
 * A port whose last connection has been in TIME-WAIT for a second is used again if that one had
 * timestamps: its peer then tells old segments from new ones (RFC 6191, from the other side).
 */
#include "dataplane/tcp/tcp_priv.h"

#define PORTS          (TCP_PORT_MAX - TCP_PORT_MIN + 1)
#define TRIES_IN_ORDER 8u
/* with 1% of the ports free all of them fail once in 30,000 searches */
#define TRIES          1024u
#define LOOKS          (16u * TRIES) /* at ports of any worker */
#define REUSE_AFTER_US 1000000u

static bool
take(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote, uint64_t now_us);
static uint32_t stride_of(uint64_t hash);

uint16_t
tcp_port_choose(struct tcp *tcp, const struct addr *local, const struct endpoint *remote,
		uint64_t now_us)
{
	uint64_t words[5] = { local->word[0], local->word[1], remote->addr.word[0],
			      remote->addr.word[1], remote->port };
	uint64_t hash = siphash(&tcp->port_key, words, sizeof words);
	const struct tcp_host *host = tcp->host;
	uint32_t offset = (uint32_t)hash % PORTS, stride = stride_of(hash >> 32);

	for (uint32_t tries = 0, i = 0; tries < TRIES && i < LOOKS; i++) {
		struct endpoint candidate = { .addr = *local };
		uint32_t place =
		    tries < TRIES_IN_ORDER ? tcp->port_counter++ : tcp->port_counter + i * stride;

		candidate.port = (uint16_t)(TCP_PORT_MIN + (place % PORTS + offset) % PORTS);
		if (host->port_is_ours && !host->port_is_ours(host->context, &candidate, remote))
			continue;
		tries++;
		if (take(tcp, &candidate, remote, now_us))
			return candidate.port;
	}
	return 0;
}

/* Whether the pair is free, or can be made so. */
static bool
take(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote, uint64_t now_us)
{
	struct tcp_conn *c = tcp_table_find(tcp, local, remote);

	if (!c)
		return true;
	if (!tcp_list_has(c, LIST_TIME_WAIT) || !(c->flags & CONN_TIMESTAMPS) ||
	    now_us - c->received_us < REUSE_AFTER_US)
		return false;
	tcp_conn_close(tcp, c, TCP_CLOSE_FINISHED);
	return true;
}

/*
 * A step without a common divisor with PORTS (59,976 = 2^3 * 3^2 * 7^2 * 17), so that repeating
 * it reaches all.
 */
static uint32_t
stride_of(uint64_t hash)
{
	uint32_t stride = 1 + (uint32_t)(hash % (PORTS - 1));

	STATIC_ASSERT(PORTS == 8 * 9 * 49 * 17, "the prime factors below are those of PORTS");
	while (stride % 2 == 0 || stride % 3 == 0 || stride % 7 == 0 || stride % 17 == 0)
		stride++;
	return stride;
}
