/*
 * Types in wire (big-endian) order. A be16 can't be compared with an integer or assigned from one, so a
 * forgotten swap does not compile; the conversion costs one instruction.
 */
#ifndef FW_BASE_WIRE_H
#define FW_BASE_WIRE_H

#include <stdint.h>

typedef struct {
	uint16_t raw;
} be16;

typedef struct __attribute__((packed, aligned(2))) {
	uint32_t raw;
} be32; /* aligned(2): headers behind an Ethernet header are only two-byte aligned */

static inline be16
be16_from(uint16_t host)
{
	return (be16){ __builtin_bswap16(host) };
}

static inline uint16_t
be16_to(be16 wire)
{
	return __builtin_bswap16(wire.raw);
}

static inline be32
be32_from(uint32_t host)
{
	return (be32){ __builtin_bswap32(host) };
}

static inline uint32_t
be32_to(be32 wire)
{
	return __builtin_bswap32(wire.raw);
}

#endif
