/*
 * Initial sequence numbers (RFC 6528) and the offset of the timestamp clock (RFC 7323 7.1): a clock
 * plus a keyed hash of the two endpoints. Both grow from one connection between the same endpoints
 * to the next, which is what lets a peer take a new connection for an old one in TIME-WAIT (RFC
 * 6191); between other endpoints they tell nothing.
 */
#include "dataplane/tcp/tcp_priv.h"

static uint32_t
hash_endpoints(const struct siphash_key *key, const struct tcp_conn *c)
{
	uint64_t words[5] = { c->local.addr.word[0], c->local.addr.word[1], c->remote.addr.word[0],
			      c->remote.addr.word[1],
			      (uint64_t)c->local.port << 16 | c->remote.port };

	return (uint32_t)siphash(key, words, sizeof words);
}

/* ISN = M + F(localip, localport, remoteip, remoteport, secretkey); M ticks each 4 us. */
uint32_t
tcp_isn(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us)
{
	return (uint32_t)(now_us / 4) + hash_endpoints(&tcp->isn_key, c);
}

uint32_t
tcp_ts_offset(const struct tcp *tcp, const struct tcp_conn *c)
{
	return hash_endpoints(&tcp->ts_key, c);
}
