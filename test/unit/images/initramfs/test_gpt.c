/*
 * The partition table of a good disk, each field of it wrong once, and random damage under whatever finds stray reads.
 */
#include "images/initramfs/gpt.h"

#include <stdlib.h>
#include <string.h>

#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define SECTOR  512u
#define SECTORS UINT64_C(4194304)
#define COUNT   128u
#define SIZE    128u
#define FIRST   34u
#define LAST    (SECTORS - 34)

static uint8_t sector[SECTOR];
static uint8_t entries[COUNT * SIZE];
static struct gpt_header header;
static struct gpt_partition partition;

static void
put(uint8_t *at, uint64_t number, int len)
{
	while (len-- > 0) {
		*at++ = (uint8_t)number;
		number >>= 8;
	}
}

/* Another way to the same sum than the one that is tested: by the definition, as a division of polynomials. */
static uint32_t
sum(const uint8_t *bytes, size_t len)
{
	uint32_t remainder = 0;
	uint32_t mirrored = 0;
	size_t bits = len * 8 + 32;

	for (size_t i = 0; i < bits; i++) {
		uint32_t bit = i < len * 8 ? bytes[i / 8] >> (i % 8) & 1u : 0;
		uint32_t carry = remainder >> 31;

		bit ^= i < 32; /* the register begins with ones */
		remainder = remainder << 1 | bit;
		if (carry)
			remainder ^= 0x04c11db7;
	}
	remainder = ~remainder;
	for (int i = 0; i < 32; i++)
		mirrored |= (remainder >> i & 1u) << (31 - i);
	return mirrored;
}

static void
seal(void)
{
	put(sector + 88, sum(entries, sizeof(entries)), 4);
	put(sector + 16, 0, 4);
	put(sector + 16, sum(sector, 92), 4);
}

static void
entry(unsigned index, const char *label, uint64_t first, uint64_t last)
{
	uint8_t *at = entries + (size_t)index * SIZE;

	memset(at, 0, SIZE);
	memset(at, 0x11, 16);
	memset(at + 16, (int)index + 1, 16);
	put(at + 32, first, 8);
	put(at + 40, last, 8);
	for (size_t i = 0; label[i] != '\0'; i++)
		at[56 + 2 * i] = (uint8_t)label[i];
}

static void
lay(void)
{
	memset(sector, 0, sizeof(sector));
	memset(entries, 0, sizeof(entries));
	memcpy(sector, "EFI PART", 8);
	put(sector + 8, 0x10000, 4);
	put(sector + 12, 92, 4);
	put(sector + 24, 1, 8);
	put(sector + 32, SECTORS - 1, 8);
	put(sector + 40, FIRST, 8);
	put(sector + 48, LAST, 8);
	put(sector + 72, 2, 8);
	put(sector + 80, COUNT, 4);
	put(sector + 84, SIZE, 4);
	entry(0, "boot-a", 2048, 4095);
	entry(1, "root-a", 4096, 8191);
	entry(6, "log", 8192, LAST);
}

static void
good(void)
{
	lay();
	seal();
}

static enum gpt_result
parse(void)
{
	return gpt_header_parse(sector, sizeof(sector), 1, SECTORS, &header);
}

static void
table_as_written_is_read(void)
{
	good();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	CU_ASSERT_EQUAL(gpt_entries_len_bytes(&header), sizeof(entries));
	CU_ASSERT_EQUAL(header.alternate_lba, SECTORS - 1);
	CU_ASSERT_EQUAL(gpt_entries_check(&header, entries, sizeof(entries)), GPT_OK);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root-a", &partition), GPT_OK);
	CU_ASSERT_EQUAL(partition.number, 2);
	CU_ASSERT_EQUAL(partition.first_lba, 4096);
	CU_ASSERT_EQUAL(partition.last_lba, 8191);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "log", &partition), GPT_OK);
	CU_ASSERT_EQUAL(partition.number, 7);
}

static void
sums_are_those_of_the_standard(void)
{
	CU_ASSERT_EQUAL(sum((const uint8_t *)"123456789", 9), 0xcbf43926);
}

static void
disk_without_a_table_has_none(void)
{
	memset(sector, 0, sizeof(sector));
	CU_ASSERT_EQUAL(parse(), GPT_NONE);
	good();
	CU_ASSERT_EQUAL(gpt_header_parse(sector, 511, 1, SECTORS, &header), GPT_NONE);
}

static void
header_with_a_flipped_bit_is_refused(void)
{
	for (size_t bit = 0; bit < 92 * 8; bit++) {
		good();
		sector[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_NOT_EQUAL(parse(), GPT_OK);
	}
}

/* With a right checksum, so that it is the field that is refused. */
static void
header_with_impossible_fields_is_refused(void)
{
	static const struct {
		size_t at;
		uint64_t number;
		int len;
	} bad[] = {
		{ 8, 0x20000, 4 },
		{ 24, 2, 8 },
		{ 40, LAST + 1, 8 },
		{ 48, SECTORS, 8 },
		{ 48, UINT64_MAX, 8 },
		{ 72, 1, 8 },
		{ 72, SECTORS, 8 },
		{ 72, SECTORS - 31, 8 },
		{ 72, UINT64_MAX, 8 },
		{ 80, 0, 4 },
		{ 80, GPT_ENTRY_COUNT_MAX + 1, 4 },
		{ 80, UINT32_MAX, 4 },
		{ 84, 0, 4 },
		{ 84, 64, 4 },
		{ 84, 132, 4 },
		{ 84, GPT_ENTRY_SIZE_MAX + 8, 4 },
		{ 84, UINT32_MAX, 4 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		good();
		put(sector + bad[i].at, bad[i].number, bad[i].len);
		seal();
		CU_ASSERT_EQUAL(parse(), GPT_BAD_HEADER);
	}
	good();
	put(sector + 72, SECTORS - 32, 8);
	seal();
	CU_ASSERT_EQUAL(parse(), GPT_OK);
}

static void
header_longer_than_its_sector_is_refused(void)
{
	good();
	put(sector + 12, 513, 4);
	CU_ASSERT_EQUAL(parse(), GPT_BAD_HEADER);
	put(sector + 12, UINT32_MAX, 4);
	CU_ASSERT_EQUAL(parse(), GPT_BAD_HEADER);
	put(sector + 12, 91, 4);
	CU_ASSERT_EQUAL(parse(), GPT_BAD_HEADER);
}

/* 512 entries of 1024 bytes: each within its bound, both together not. */
static void
entries_larger_than_their_room_are_refused(void)
{
	good();
	put(sector + 80, GPT_ENTRY_COUNT_MAX, 4);
	put(sector + 84, GPT_ENTRY_SIZE_MAX, 4);
	seal();
	CU_ASSERT_EQUAL(parse(), GPT_BAD_HEADER);
}

static void
entries_that_changed_are_refused(void)
{
	good();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	entries[1000] ^= 1;
	CU_ASSERT_EQUAL(gpt_entries_check(&header, entries, sizeof(entries)), GPT_BAD_SUM);
	CU_ASSERT_EQUAL(gpt_entries_check(&header, entries, sizeof(entries) - 1), GPT_BAD_HEADER);
}

static void
label_must_match_whole(void)
{
	good();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root", &partition), GPT_NOT_FOUND);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root-ab", &partition), GPT_NOT_FOUND);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "", &partition), GPT_NOT_FOUND);
	entries[SIZE + 57] = 1; /* a letter that is not ASCII, alike in its low byte */
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root-a", &partition), GPT_NOT_FOUND);
}

static void
label_of_full_length_needs_no_end(void)
{
	static const char full[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	good();
	entry(2, full, 4096, 8191);
	seal();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, full, &partition), GPT_OK);
	CU_ASSERT_EQUAL(
	    gpt_find_label(&header, entries, "abcdefghijklmnopqrstuvwxyz0123456789x", &partition),
	    GPT_NOT_FOUND);
}

static void
label_given_twice_is_ambiguous(void)
{
	good();
	entry(2, "root-a", 4096, 8191);
	seal();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root-a", &partition), GPT_AMBIGUOUS);
}

static void
partition_outside_the_disk_is_refused(void)
{
	static const uint64_t bad[][2] = {
		{ FIRST - 1, 100 }, { 4096, LAST + 1 }, { 4096, UINT64_MAX },
		{ 4096, 4095 },     { 0, 0 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		good();
		entry(1, "root-a", bad[i][0], bad[i][1]);
		seal();
		CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
		CU_ASSERT_EQUAL(gpt_find_label(&header, entries, "root-a", &partition),
				GPT_BAD_EXTENT);
	}
}

static void
guid_finds_its_partition(void)
{
	uint8_t guid[GPT_GUID_LEN];

	good();
	CU_ASSERT_EQUAL_FATAL(parse(), GPT_OK);
	memset(guid, 7, sizeof(guid));
	CU_ASSERT_EQUAL(gpt_find_guid(&header, entries, guid, &partition), GPT_OK);
	CU_ASSERT_EQUAL(partition.number, 7);
	memset(guid, 8, sizeof(guid));
	CU_ASSERT_EQUAL(gpt_find_guid(&header, entries, guid, &partition), GPT_NOT_FOUND);
	memset(guid, 0, sizeof(guid)); /* unused entries have it */
	CU_ASSERT_EQUAL(gpt_find_guid(&header, entries, guid, &partition), GPT_NOT_FOUND);
}

static bool
guid_of(const char *text, size_t extra, uint8_t guid[GPT_GUID_LEN])
{
	uint8_t wide[128] = { 0 };

	for (size_t i = 0; text[i] != '\0'; i++)
		wide[2 * i] = (uint8_t)text[i];
	return gpt_guid_from_utf16(wide, 2 * strlen(text) + extra, guid);
}

static void
guid_text_becomes_the_disk_s_order(void)
{
	static const uint8_t want[GPT_GUID_LEN] = {
		0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
		0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b
	};
	uint8_t guid[GPT_GUID_LEN];

	CU_ASSERT_TRUE(guid_of("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", 2, guid));
	CU_ASSERT_EQUAL(memcmp(guid, want, sizeof(guid)), 0);
	memset(guid, 0, sizeof(guid));
	CU_ASSERT_TRUE(guid_of("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", 0, guid));
	CU_ASSERT_EQUAL(memcmp(guid, want, sizeof(guid)), 0);
}

static void
guid_text_that_is_none_is_refused(void)
{
	uint8_t guid[GPT_GUID_LEN];

	CU_ASSERT_FALSE(guid_of("C12A7328-F81F-11D2-BA4B-00A0C93EC93", 2, guid));
	CU_ASSERT_FALSE(guid_of("C12A7328-F81F-11D2-BA4B-00A0C93EC93G", 0, guid));
	CU_ASSERT_FALSE(guid_of("C12A7328+F81F-11D2-BA4B-00A0C93EC93B", 0, guid));
	CU_ASSERT_FALSE(guid_of("C12A7328-F81F-11D2-BA4B-00A0C93EC93B1", 0, guid));
	CU_ASSERT_FALSE(guid_of("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", 1, guid));
	CU_ASSERT_FALSE(guid_of("", 0, guid));
}

/*
 * Sealed again after the damage, else nothing gets past the sums. Entries lie on the heap in just the length that the
 * header says, as a reader of disks would have them at least.
 */
static void
random_damage_is_survived(void)
{
	struct rng rng;
	unsigned accepted = 0;

	rng_init(&rng, 6);
	for (unsigned round = 0; round < 5000; round++) {
		lay();
		for (unsigned i = rng_below(&rng, 4); i > 0; i--)
			sector[24 + rng_below(&rng, 68)] = (uint8_t)rng_below(&rng, 256);
		for (unsigned i = rng_below(&rng, 4); i > 0; i--)
			entries[rng_below(&rng, 8 * SIZE)] = (uint8_t)rng_below(&rng, 256);
		put(sector + 16, 0, 4);
		put(sector + 16, sum(sector, 92), 4);
		if (parse() != GPT_OK)
			continue;
		size_t len = gpt_entries_len_bytes(&header);
		uint8_t *copy = malloc(len);

		CU_ASSERT_TRUE_FATAL(len <= GPT_ENTRIES_LEN_MAX && copy != NULL);
		memset(copy, 0, len);
		memcpy(copy, entries, len < sizeof(entries) ? len : sizeof(entries));
		if (gpt_find_label(&header, copy, "root-a", &partition) == GPT_OK) {
			CU_ASSERT_TRUE(partition.first_lba <= partition.last_lba &&
				       partition.last_lba < SECTORS);
			CU_ASSERT_TRUE(partition.number >= 1 &&
				       partition.number <= header.entry_count);
			accepted++;
		}
		free(copy);
	}
	CU_ASSERT_TRUE(accepted > 100);
}

static void
results_have_words(void)
{
	for (int result = GPT_OK; result <= GPT_BAD_EXTENT; result++)
		CU_ASSERT_STRING_NOT_EQUAL(gpt_result_text((enum gpt_result)result), "?");
}

CU_TestInfo test_gpt[] = {
	{ "table_as_written_is_read", table_as_written_is_read },
	{ "sums_are_those_of_the_standard", sums_are_those_of_the_standard },
	{ "disk_without_a_table_has_none", disk_without_a_table_has_none },
	{ "header_with_a_flipped_bit_is_refused", header_with_a_flipped_bit_is_refused },
	{ "header_with_impossible_fields_is_refused", header_with_impossible_fields_is_refused },
	{ "header_longer_than_its_sector_is_refused", header_longer_than_its_sector_is_refused },
	{ "entries_larger_than_their_room_are_refused",
	  entries_larger_than_their_room_are_refused },
	{ "entries_that_changed_are_refused", entries_that_changed_are_refused },
	{ "label_must_match_whole", label_must_match_whole },
	{ "label_of_full_length_needs_no_end", label_of_full_length_needs_no_end },
	{ "label_given_twice_is_ambiguous", label_given_twice_is_ambiguous },
	{ "partition_outside_the_disk_is_refused", partition_outside_the_disk_is_refused },
	{ "guid_finds_its_partition", guid_finds_its_partition },
	{ "guid_text_becomes_the_disk_s_order", guid_text_becomes_the_disk_s_order },
	{ "guid_text_that_is_none_is_refused", guid_text_that_is_none_is_refused },
	{ "random_damage_is_survived", random_damage_is_survived },
	{ "results_have_words", results_have_words },
	CU_TEST_INFO_NULL,
};
