/*
 * Receive side scaling: to which queue, and so to which worker, a TCP flow belongs. A device that claims
 * PORT_OFFLOAD_RSS_HASH computes the same as port_rss_hash; where none does, the stack computes it.
 *
 * The hash is Toeplitz's over source address, destination address, source port, destination port of the frame as
 * received, in wire order, with this key; its low bits choose one of PORT_RSS_ENTRIES, and entry i is queue i modulo
 * their number.
 */
#ifndef DRIVERS_PORT_PORT_RSS_H
#define DRIVERS_PORT_PORT_RSS_H

#include <stdint.h>

#define PORT_RSS_KEY_BYTES 40u
#define PORT_RSS_ENTRIES   128u

/* Microsoft's own, which every device's manual has test values for. */
extern const uint8_t port_rss_key[PORT_RSS_KEY_BYTES];

/* addresses_bytes is 8 (IPv4) or 32: both addresses, as in the header; ports are 4 bytes, as in the header. */
uint32_t port_rss_hash(const uint8_t *addresses, uint32_t addresses_bytes, const uint8_t *ports);

static inline uint16_t
port_rss_queue(uint32_t hash, uint16_t queues)
{
	return (uint16_t)(hash % PORT_RSS_ENTRIES % queues);
}

#endif
