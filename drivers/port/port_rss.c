/*
 * The Toeplitz hash: for each bit of the input that is set, 32 bits of the key from there on are added in (xor).
 * Plain, bit by bit: for devices that are simulated, and to check faster ones against.
 */
#include "drivers/port/port_rss.h"

#include "fw/base/assert.h"

static uint32_t add_bytes(uint32_t hash, uint32_t at, const uint8_t *bytes, uint32_t count);

const uint8_t port_rss_key[PORT_RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

uint32_t
port_rss_hash(const uint8_t *addresses, uint32_t addresses_bytes, const uint8_t *ports)
{
	ASSERT(addresses_bytes + 4 + 4 <= PORT_RSS_KEY_BYTES);
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
