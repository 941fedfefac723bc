/*
 * Receive side scaling: to which queue, and so to which worker, a TCP flow belongs. A device that claims
 * PORT_OFFLOAD_RSS_HASH computes the same as port_rss_hash, and its queue is rss_share of that; where none does, the stack
 * computes it.
 *
 * The hash is Toeplitz's with the key of fw/base/rss.h, over addresses and ports as they stand in the frame.
 */
#ifndef DRIVERS_PORT_PORT_RSS_H
#define DRIVERS_PORT_PORT_RSS_H

#include <stdint.h>

#include "fw/base/rss.h"

/* As devices want it. */
extern const uint8_t port_rss_key[RSS_KEY_BYTES];

/* addresses_bytes is 8 (IPv4) or 32: both addresses, as in the header; ports are 4 bytes, as in the header. */
uint32_t port_rss_hash(const uint8_t *addresses, uint32_t addresses_bytes, const uint8_t *ports);

#endif
