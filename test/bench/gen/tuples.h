/*
 * From which address and port the client's connections come, so that an incoming segment names its connection without
 * a table. A number has the slot (which connection of many at the same time) in its low bits and above them how
 * often the slot was used; addresses change first, ports when all addresses were used.
 */
#ifndef TEST_BENCH_GEN_TUPLES_H
#define TEST_BENCH_GEN_TUPLES_H

#include <stdbool.h>
#include <stdint.h>

#define TUPLES_PORT_FIRST 16384u
#define TUPLES_PORT_BITS  15u

struct tuples {
	uint32_t first_address; /* host order */
	uint32_t address_bits, slot_bits;
};

/* The address and port of the slot's use-th connection; uses begin anew behind the last. */
static inline void
tuples_take(const struct tuples *t, uint32_t slot, uint32_t use, uint32_t *address, uint16_t *port)
{
	uint32_t mask = (1u << (t->address_bits + TUPLES_PORT_BITS)) - 1,
		 number = (use << t->slot_bits | slot) & mask;

	*address = t->first_address + (number & ((1u << t->address_bits) - 1));
	*port = (uint16_t)(TUPLES_PORT_FIRST + (number >> t->address_bits));
}

/* False: never one of ours. */
static inline bool
tuples_slot(const struct tuples *t, uint32_t address, uint16_t port, uint32_t *slot)
{
	uint32_t at = address - t->first_address, number;

	if (at >> t->address_bits || (uint32_t)(port - TUPLES_PORT_FIRST) >> TUPLES_PORT_BITS)
		return false;
	number = (uint32_t)(port - TUPLES_PORT_FIRST) << t->address_bits | at;
	*slot = number & ((1u << t->slot_bits) - 1);
	return true;
}

#endif
