/*
 * dm-verity's superblock (format 1) and the kernel's table (Documentation/admin-guide/device-mapper/verity.rst).
 *
 * In the boot: between finding the root partition and mapping it. Leaves out: forward error correction, signatures, other
 * hashes and block sizes than those we make.
 */
#include "images/initramfs/verity.h"

#include <stdio.h>
#include <string.h>

enum {
	SALT_AT = 88,
	SALT_LEN_IN_FORMAT_MAX = 256,
	SECTORS_A_BLOCK = VERITY_BLOCK_LEN / 512,
};

static uint64_t
get(const uint8_t *at, int len_bytes)
{
	uint64_t value = 0;

	while (len_bytes-- > 0)
		value = value << 8 | at[len_bytes];
	return value;
}

const char *
verity_parse(const uint8_t superblock[VERITY_SUPERBLOCK_LEN], uint64_t hash_offset_bytes,
	     uint64_t partition_len_bytes, struct verity *verity)
{
	if (hash_offset_bytes == 0 || hash_offset_bytes % VERITY_BLOCK_LEN != 0 ||
	    partition_len_bytes < VERITY_BLOCK_LEN ||
	    hash_offset_bytes > partition_len_bytes - VERITY_BLOCK_LEN)
		return "the hash tree would lie outside the partition";
	if (memcmp(superblock, "verity\0\0", 8) != 0)
		return "no hash tree where it should be";
	if (get(superblock + 8, 4) != 1 || get(superblock + 12, 4) != 1)
		return "a hash tree of an unknown version";
	if (memcmp(superblock + 32, "sha256", 7) != 0)
		return "a hash tree of another hash than SHA-256";
	if (get(superblock + 64, 4) != VERITY_BLOCK_LEN ||
	    get(superblock + 68, 4) != VERITY_BLOCK_LEN)
		return "a hash tree of another block size than 4096";
	verity->data_block_count = get(superblock + 72, 8);
	if (verity->data_block_count != hash_offset_bytes / VERITY_BLOCK_LEN)
		return "a hash tree for another length of data";
	verity->salt_len_bytes = (uint32_t)get(superblock + 80, 2);
	if (verity->salt_len_bytes > VERITY_SALT_LEN_MAX)
		return "a hash tree with too long a salt";
	memcpy(verity->salt, superblock + SALT_AT, verity->salt_len_bytes);
	verity->hash_start_block = hash_offset_bytes / VERITY_BLOCK_LEN + 1;
	_Static_assert(SALT_AT + SALT_LEN_IN_FORMAT_MAX <= VERITY_SUPERBLOCK_LEN,
		       "the salt lies in the superblock");
	return NULL;
}

bool
verity_root_hash_ok(const char *text)
{
	return strspn(text, "0123456789abcdef") == VERITY_HASH_TEXT_LEN &&
	       text[VERITY_HASH_TEXT_LEN] == '\0';
}

bool
verity_table(const struct verity *verity, const char *device, const char *root_hash,
	     enum verity_on_corruption on_corruption, char *table, size_t size_bytes)
{
	char salt[2 * VERITY_SALT_LEN_MAX + 1] = "-";
	uint32_t i;
	int len;

	for (i = 0; i < verity->salt_len_bytes; i++)
		snprintf(salt + 2 * (size_t)i, 3, "%02x", verity->salt[i]);
	len = snprintf(table, size_bytes, "1 %s %s %d %d %llu %llu sha256 %s %s%s", device, device,
		       VERITY_BLOCK_LEN, VERITY_BLOCK_LEN,
		       (unsigned long long)verity->data_block_count,
		       (unsigned long long)verity->hash_start_block, root_hash, salt,
		       on_corruption == VERITY_PANIC ? " 1 panic_on_corruption" : "");
	return len > 0 && (size_t)len < size_bytes;
}

uint64_t
verity_sector_count(const struct verity *verity)
{
	return verity->data_block_count * SECTORS_A_BLOCK;
}
