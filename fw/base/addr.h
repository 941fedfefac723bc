/*
 * IP addresses of both families in one type, 16 bytes in wire order; IPv4 is held v4-mapped
 * (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so that tables and hashes need no second code path.
 */
#ifndef FW_BASE_ADDR_H
#define FW_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fw/base/wire.h"

struct addr {
	union {
		uint8_t byte[16]; /* wire order */
		uint64_t word[2]; /* for comparing, hashing and summing only */
	};
};

/* An address and a TCP port. */
struct endpoint {
	struct addr addr;
	uint16_t port; /* host order */
};

#define ADDR_TEXT_MAX     46 /* longest text form with its NUL (INET6_ADDRSTRLEN) */
#define ENDPOINT_TEXT_MAX (ADDR_TEXT_MAX + 8)

extern const struct addr addr_any; /* :: , the unspecified address of IPv6 */

static inline bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

static inline bool
addr_is_v4(const struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(a->byte, mapped, sizeof mapped) == 0;
}

static inline struct addr
addr_from_v4(be32 wire)
{
	struct addr a = { .byte = { [10] = 0xff, [11] = 0xff } };

	memcpy(&a.byte[12], &wire, 4);
	return a;
}

static inline be32
addr_to_v4(const struct addr *a)
{
	be32 wire;

	memcpy(&wire, &a->byte[12], 4);
	return wire;
}

static inline struct addr
addr_from_v6(const uint8_t bytes[16])
{
	struct addr a;

	memcpy(a.byte, bytes, 16);
	return a;
}

static inline bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* True if the first prefix_len bits agree; prefix_len counts in the address's own family (0..32 or 0..128). */
bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len);
/* 224.0.0.0/4 or ff00::/8. */
bool addr_is_multicast(const struct addr *a);
/* fe80::/10 */
bool addr_is_link_local_v6(const struct addr *a);
/* 0.0.0.0 or :: */
bool addr_is_unspecified(const struct addr *a);
/* 127.0.0.0/8 or ::1 */
bool addr_is_loopback(const struct addr *a);

/* Strict text to address, "10.0.0.1" or "fd00::1"; false and *out untouched if it is neither. Borrows text. */
bool addr_parse(const char *text, struct addr *out);
/* "10.0.0.1/24"; a missing length is refused, host bits may be set. */
bool addr_parse_prefix(const char *text, struct addr *out, unsigned *prefix_len);
/* Writes text into out, RFC 5952 for IPv6; returns out. */
const char *addr_format(const struct addr *a, char out[ADDR_TEXT_MAX]);
/* "10.0.0.1:80" or "[fd00::1]:80"; returns out. */
const char *endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX]);

#endif
