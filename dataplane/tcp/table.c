/*
 * Finds the connection of a segment: a hash table with chains, keyed with a secret (SipHash), so
 * that nobody can choose addresses and ports that all fall into one bucket.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

uint32_t
tcp_table_hash(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote)
{
	uint64_t ports = (uint64_t)local->port << 16 | remote->port;
	uint64_t words[4] = { local->addr.word[0], local->addr.word[1], remote->addr.word[0],
			      remote->addr.word[1] };

	/* All but the last four bytes of IPv4-mapped addresses are alike. */
	if (addr_is_v4(&local->addr) && addr_is_v4(&remote->addr)) {
		uint64_t both = (words[1] & ~UINT64_C(0xffffffff)) | words[3] >> 32;

		return (uint32_t)siphash_words(&tcp->table_key, &both, 1, ports, 12);
	}
	return (uint32_t)siphash_words(&tcp->table_key, words, 4, ports, 36);
}

struct tcp_conn *
tcp_table_find(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote)
{
	return tcp_table_find_hashed(tcp, tcp_table_hash(tcp, local, remote), local, remote);
}

struct tcp_conn *
tcp_table_find_hashed(const struct tcp *tcp, uint32_t hash, const struct endpoint *local,
		      const struct endpoint *remote)
{
	uint32_t id = tcp->buckets[hash & tcp->bucket_mask];

	while (id != TCP_NONE) {
		struct tcp_conn *c = conn_at(tcp, id);

		if (c->hash == hash && endpoint_equal(&c->remote, remote) &&
		    endpoint_equal(&c->local, local))
			return c;
		id = c->hash_next;
	}
	return NULL;
}

bool
tcp_knows(const struct tcp *tcp, struct rte_mbuf *m)
{
	const struct tcp_header *h = rte_pktmbuf_mtod(m, const struct tcp_header *);
	const struct packet *packet = packet_of(m);
	struct endpoint local = { .addr = packet->dst }, remote = { .addr = packet->src };

	if (m->data_len < TCP_HEADER_BYTES)
		return false;
	local.port = be16_to(h->dst_port);
	remote.port = be16_to(h->src_port);
	return tcp_table_find(tcp, &local, &remote) != NULL;
}

uint32_t
tcp_find(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote)
{
	const struct tcp_conn *c = tcp_table_find(tcp, local, remote);

	return c ? c->id : TCP_NONE;
}

void
tcp_table_add(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t *bucket;

	c->hash = tcp_table_hash(tcp, &c->local, &c->remote);
	bucket = &tcp->buckets[c->hash & tcp->bucket_mask];
	c->hash_next = *bucket;
	*bucket = c->id;
}

/* Harmless if it was removed before. */
void
tcp_table_remove(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t *link = &tcp->buckets[c->hash & tcp->bucket_mask];

	while (*link != TCP_NONE && *link != c->id)
		link = &conn_at(tcp, *link)->hash_next;
	if (*link == c->id)
		*link = c->hash_next;
}
