/* Wire-order types: the bytes as they stand in a packet, at any even address. */
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/wire.h"
#include "test/unit/unit.h"

STATIC_ASSERT(sizeof(be16) == 2 && sizeof(be32) == 4, "as in the packet");

static void
be16_stands_most_significant_byte_first(void)
{
	be16 wire = be16_from(0x1234);
	uint8_t bytes[2];

	memcpy(bytes, &wire, 2);
	CU_ASSERT(bytes[0] == 0x12 && bytes[1] == 0x34);
	CU_ASSERT_EQUAL(be16_to(wire), 0x1234);
}

static void
be32_stands_most_significant_byte_first(void)
{
	be32 wire = be32_from(0x12345678);
	uint8_t bytes[4];

	memcpy(bytes, &wire, 4);
	CU_ASSERT(bytes[0] == 0x12 && bytes[1] == 0x34 && bytes[2] == 0x56 && bytes[3] == 0x78);
	CU_ASSERT_EQUAL(be32_to(wire), 0x12345678);
}

static void
be32_reads_at_two_byte_alignment(void)
{
	/* an IPv4 header behind an Ethernet header: 14 bytes, so addresses are two bytes off */
	_Alignas(8) uint8_t packet[16] = { [6] = 10, 0, 1, 2 };
	struct {
		be16 type;
		be32 address;
	} const *header = (const void *)&packet[4];

	CU_ASSERT_EQUAL(sizeof *header, 6);
	CU_ASSERT_EQUAL(be32_to(header->address), 0x0a000102);
}

CU_TestInfo test_wire[] = {
	{ "wire_be16_stands_most_significant_byte_first", be16_stands_most_significant_byte_first },
	{ "wire_be32_stands_most_significant_byte_first", be32_stands_most_significant_byte_first },
	{ "wire_be32_reads_at_two_byte_alignment", be32_reads_at_two_byte_alignment },
	CU_TEST_INFO_NULL,
};
