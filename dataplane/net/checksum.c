/*
 * The Internet checksum, RFC 1071: the one's complement sum of 16-bit words. Words are taken as they lie in memory,
 * since the sum doesn't mind the byte order (RFC 1071 2 (B)); the result is stored as it is.
 *
 * Words of 64 or 32 bits are added into wider accumulators, whose carries are folded in at the end. Used by all of the stack.
 */
#include <immintrin.h>
#include <netinet/in.h>
#include <rte_tcp.h>
#include <string.h>

#include "dataplane/net/net.h"
#include "fw/base/cpu.h"

#define BLOCK_BYTES 64u /* of the wide registers' loop */

static uint64_t add_blocks(const uint8_t *at, uint32_t blocks);
static uint32_t fold_to_32(unsigned __int128 wide);

static inline uint64_t
load_u64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* A piece of odd length is padded with a zero byte, so only the last piece of a message may have one. */
uint32_t
checksum_add(uint32_t sum, const void *data, uint32_t len_bytes)
{
	const uint8_t *at = data;
	/* two chains, so that their carries do not wait for each other */
	unsigned __int128 even = sum, odd = 0;
	uint64_t last = 0;

	if (len_bytes >= 2 * BLOCK_BYTES && cpu_has(CPU_AVX2)) {
		odd = add_blocks(at, len_bytes / BLOCK_BYTES);
		at += len_bytes & ~(BLOCK_BYTES - 1);
		len_bytes &= BLOCK_BYTES - 1;
	}
	for (; len_bytes >= 32; at += 32, len_bytes -= 32) {
		even += load_u64(at);
		odd += load_u64(at + 8);
		even += load_u64(at + 16);
		odd += load_u64(at + 24);
	}
	for (; len_bytes >= 8; at += 8, len_bytes -= 8)
		even += load_u64(at);
	if (len_bytes)
		memcpy(&last, at, len_bytes);
	return fold_to_32(even + odd + last);
}

/* Eight lanes of words of 32 bits; a packet has far too few of them for a lane to overflow. */
__attribute__((target("avx2"))) static uint64_t
add_blocks(const uint8_t *at, uint32_t blocks)
{
	const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
	__m256i even = _mm256_setzero_si256(), odd = even;
	__m128i sum;

	for (; blocks; at += BLOCK_BYTES, blocks--) {
		__m256i a = _mm256_loadu_si256((const __m256i *)at);
		__m256i b = _mm256_loadu_si256((const __m256i *)at + 1);

		even = _mm256_add_epi64(even, _mm256_and_si256(a, low));
		odd = _mm256_add_epi64(odd, _mm256_srli_epi64(a, 32));
		even = _mm256_add_epi64(even, _mm256_and_si256(b, low));
		odd = _mm256_add_epi64(odd, _mm256_srli_epi64(b, 32));
	}
	even = _mm256_add_epi64(even, odd);
	sum = _mm_add_epi64(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
	return (uint64_t)_mm_extract_epi64(sum, 0) + (uint64_t)_mm_extract_epi64(sum, 1);
}

/* 2^16, 2^32 and 2^64 are all 1 modulo 2^16 - 1, so high and low parts may be added. */
static uint32_t
fold_to_32(unsigned __int128 wide)
{
	uint64_t low = (uint64_t)wide, high = (uint64_t)(wide >> 64);
	uint64_t sum = (low >> 32) + (low & UINT32_MAX) + (high >> 32) + (high & UINT32_MAX);

	sum = (sum >> 32) + (sum & UINT32_MAX);
	return (uint32_t)((sum >> 32) + (sum & UINT32_MAX));
}

/*
 * RFC 9293 3.1 and RFC 8200 8.1. The prefix ::ffff of an IPv4 address in struct addr adds 0xffff, which is zero
 * in one's complement: both families are one code path.
 */
uint32_t
checksum_pseudo(const struct addr *src, const struct addr *dst, uint8_t protocol,
		uint32_t len_bytes)
{
	be32 tail[2] = { be32_from(len_bytes), be32_from(protocol) };
	unsigned __int128 wide = (unsigned __int128)src->word[0] + src->word[1];

	wide += (unsigned __int128)dst->word[0] + dst->word[1];
	return fold_to_32(wide + load_u64((const uint8_t *)tail));
}

void
checksum_complete(struct rte_mbuf *m)
{
	struct packet *p = packet_of(m);
	struct rte_tcp_hdr *tcp = rte_pktmbuf_mtod(m, struct rte_tcp_hdr *);
	uint32_t len = rte_pktmbuf_data_len(m);

	if (p->lacks != PACKET_LACKS_TCP_SUM)
		return;
	ASSERT(m->nb_segs == 1 && len >= sizeof *tcp);
	tcp->cksum = checksum_finish(
	    checksum_add(checksum_pseudo(&p->src, &p->dst, IPPROTO_TCP, len), tcp, len));
	p->lacks = PACKET_LACKS_NOTHING;
}
