/*
 * The Toeplitz hash: for each bit of the input that is set, 32 bits of the key from there on are added in (xor).
 * Plain, bit by bit: for devices that are simulated, and to check faster ones against.
 */
#include "drivers/port/port_rss.h"

#include "fw/base/assert.h"

static uint32_t add_bytes(uint32_t hash, uint32_t at, const uint8_t *bytes, uint32_t count);

#define IN_WIRE_ORDER(word) (word) >> 24, (word) >> 16 & 0xff, (word) >> 8 & 0xff, (word) & 0xff,

const uint8_t port_rss_key[RSS_KEY_BYTES] = { RSS_KEY(IN_WIRE_ORDER) };

uint32_t
port_rss_hash(const uint8_t *addresses, uint32_t addresses_bytes, const uint8_t *ports)
{
	ASSERT(addresses_bytes + 4 + 4 <= RSS_KEY_BYTES);
	return add_bytes(add_bytes(0, 0, addresses, addresses_bytes), addresses_bytes, ports, 4);
}

/* The bytes stand at place `at` of the input. */
static uint32_t
add_bytes(uint32_t hash, uint32_t at, const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t key = 0;

		for (uint32_t k = 0; k < 5; k++)
			key = key << 8 | port_rss_key[at + i + k];
		for (uint32_t bit = 0; bit < 8; bit++)
			if (bytes[i] & 0x80 >> bit)
				hash ^= (uint32_t)(key >> (8 - bit));
	}
	return hash;
}
