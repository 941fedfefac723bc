/*
 * What ports and the stack have to agree on about receive side scaling: the key of the Toeplitz hash over source address,
 * destination address, source port and destination port of a TCP segment as received, and the size of the table that
 * names a queue, and so a worker, by the hash's low bits.
 */
#ifndef FW_BASE_RSS_H
#define FW_BASE_RSS_H

#include <stdint.h>

#define RSS_KEY_BYTES 40u
#define RSS_ENTRIES   128u

/* Microsoft's own key, which every device's manual has test values for. X(four bytes, the first one highest). */
#define RSS_KEY(X)                                                                                 \
	X(0x6d5a56da)                                                                              \
	X(0x255b0ec2)                                                                              \
	X(0x4167253d)                                                                              \
	X(0x43a38fb0)                                                                              \
	X(0xd0ca2bcb)                                                                              \
	X(0xae7b30b4)                                                                              \
	X(0x77cb2da3)                                                                              \
	X(0x8030f20c)                                                                              \
	X(0x6a42b73b)                                                                              \
	X(0xbeac01fa)

/* Entry i of the table is i modulo the number of shares, queues or workers. */
static inline uint32_t
rss_share(uint32_t hash, uint32_t shares)
{
	return hash % RSS_ENTRIES % shares;
}

#endif
