/*
 * The superblock of a hash tree as veritysetup writes it, what is refused of it, and the kernel's table.
 */
#include "images/initramfs/verity.h"

#include <string.h>

#include "test/unit/unit.h"

#define BLOCKS    UINT64_C(9915)
#define OFFSET    (BLOCKS * VERITY_BLOCK_LEN)
#define PARTITION (OFFSET + 100 * VERITY_BLOCK_LEN)
#define HASH      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static uint8_t block[VERITY_SUPERBLOCK_LEN];
static struct verity verity;

static void
put(size_t at, uint64_t number, int len)
{
	while (len-- > 0) {
		block[at++] = (uint8_t)number;
		number >>= 8;
	}
}

static void
good(void)
{
	memset(block, 0, sizeof(block));
	memcpy(block, "verity", 6);
	put(8, 1, 4);
	put(12, 1, 4);
	memcpy(block + 32, "sha256", 6);
	put(64, 4096, 4);
	put(68, 4096, 4);
	put(72, BLOCKS, 8);
	put(80, 4, 2);
	put(88, 0x0dd0adde, 4);
}

static const char *
parse(void)
{
	return verity_parse(block, OFFSET, PARTITION, &verity);
}

static void
superblock_as_written_is_read(void)
{
	good();
	CU_ASSERT_PTR_NULL(parse());
	CU_ASSERT_EQUAL(verity.data_block_count, BLOCKS);
	CU_ASSERT_EQUAL(verity.hash_start_block, BLOCKS + 1);
	CU_ASSERT_EQUAL(verity.salt_len_bytes, 4);
	CU_ASSERT_EQUAL(verity_sector_count(&verity), BLOCKS * 8);
}

static void
superblock_of_anything_else_is_refused(void)
{
	static const struct {
		size_t at;
		uint64_t number;
		int len;
	} bad[] = {
		{ 0, 0, 8 },       { 6, 1, 1 },           { 8, 2, 4 },
		{ 12, 0, 4 },      { 32, 0x31, 1 },       { 38, 0x61, 1 },
		{ 64, 512, 4 },    { 68, 8192, 4 },       { 72, BLOCKS + 1, 8 },
		{ 72, 0, 8 },      { 72, UINT64_MAX, 8 }, { 80, VERITY_SALT_LEN_MAX + 1, 2 },
		{ 80, 0xffff, 2 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		good();
		put(bad[i].at, bad[i].number, bad[i].len);
		CU_ASSERT_PTR_NOT_NULL(parse());
	}
}

static void
offset_outside_the_partition_is_refused(void)
{
	good();
	CU_ASSERT_PTR_NOT_NULL(verity_parse(block, 0, PARTITION, &verity));
	CU_ASSERT_PTR_NOT_NULL(verity_parse(block, OFFSET + 512, PARTITION, &verity));
	CU_ASSERT_PTR_NOT_NULL(verity_parse(block, OFFSET, OFFSET, &verity));
	CU_ASSERT_PTR_NOT_NULL(verity_parse(block, OFFSET, 0, &verity));
	CU_ASSERT_PTR_NOT_NULL(verity_parse(block, UINT64_MAX - 4095, PARTITION, &verity));
	CU_ASSERT_PTR_NULL(verity_parse(block, OFFSET, OFFSET + VERITY_BLOCK_LEN, &verity));
}

static void
root_hash_is_64_lower_case_digits(void)
{
	CU_ASSERT_TRUE(verity_root_hash_ok(HASH));
	CU_ASSERT_FALSE(verity_root_hash_ok(HASH "0"));
	CU_ASSERT_FALSE(verity_root_hash_ok(&HASH[1]));
	CU_ASSERT_FALSE(verity_root_hash_ok(
	    "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"));
	CU_ASSERT_FALSE(verity_root_hash_ok(""));
}

static void
table_says_what_the_kernel_wants(void)
{
	char table[VERITY_TABLE_LEN_MAX];

	good();
	CU_ASSERT_PTR_NULL_FATAL(parse());
	CU_ASSERT_TRUE(verity_table(&verity, "/dev/vda2", HASH, VERITY_EIO, table, sizeof(table)));
	CU_ASSERT_STRING_EQUAL(table, "1 /dev/vda2 /dev/vda2 4096 4096 9915 9916 sha256 " HASH
				      " deadd00d");
	CU_ASSERT_TRUE(
	    verity_table(&verity, "/dev/vda2", HASH, VERITY_PANIC, table, sizeof(table)));
	CU_ASSERT_STRING_EQUAL(table, "1 /dev/vda2 /dev/vda2 4096 4096 9915 9916 sha256 " HASH
				      " deadd00d 1 panic_on_corruption");
}

static void
table_without_salt_has_a_dash(void)
{
	char table[VERITY_TABLE_LEN_MAX];

	good();
	put(80, 0, 2);
	CU_ASSERT_PTR_NULL_FATAL(parse());
	CU_ASSERT_TRUE(verity_table(&verity, "/dev/vda2", HASH, VERITY_EIO, table, sizeof(table)));
	CU_ASSERT_PTR_NOT_NULL(strstr(table, HASH " -"));
}

static void
table_that_does_not_fit_is_said(void)
{
	char table[64];

	good();
	CU_ASSERT_PTR_NULL_FATAL(parse());
	CU_ASSERT_FALSE(verity_table(&verity, "/dev/vda2", HASH, VERITY_EIO, table, sizeof(table)));
}

CU_TestInfo test_verity[] = {
	{ "superblock_as_written_is_read", superblock_as_written_is_read },
	{ "superblock_of_anything_else_is_refused", superblock_of_anything_else_is_refused },
	{ "offset_outside_the_partition_is_refused", offset_outside_the_partition_is_refused },
	{ "root_hash_is_64_lower_case_digits", root_hash_is_64_lower_case_digits },
	{ "table_says_what_the_kernel_wants", table_says_what_the_kernel_wants },
	{ "table_without_salt_has_a_dash", table_without_salt_has_a_dash },
	{ "table_that_does_not_fit_is_said", table_that_does_not_fit_is_said },
	CU_TEST_INFO_NULL,
};
