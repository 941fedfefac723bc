/*
 * Initial sequence numbers (RFC 6528) and the offset of the timestamp clock (RFC 7323 7.1): a clock
 * plus a keyed hash of the two endpoints. Both grow from one connection between the same endpoints
 * to the next, which is what lets a peer take a new connection for an old one in TIME-WAIT (RFC
 * 6191); between other endpoints they tell nothing.
 */
#include "dataplane/tcp/tcp_priv.h"

static uint32_t
hash_endpoints(const struct siphash_key *key, const struct endpoint *local,
	       const struct endpoint *remote)
{
	uint64_t words[5] = { local->addr.word[0], local->addr.word[1], remote->addr.word[0],
			      remote->addr.word[1], (uint64_t)local->port << 16 | remote->port };

	return (uint32_t)siphash(key, words, sizeof words);
}

/* ISN = M + F(localip, localport, remoteip, remoteport, secretkey); M ticks each 4 us. */
uint32_t
tcp_isn(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
	uint64_t now_us)
{
	return (uint32_t)(now_us / TCP_ISN_TICK_US) + hash_endpoints(&tcp->isn_key, local, remote);
}

uint32_t
tcp_ts_offset(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote)
{
	return hash_endpoints(&tcp->ts_key, local, remote);
}
