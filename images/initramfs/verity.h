/*
 * dm-verity: the superblock that `veritysetup` writes before its hash tree, and the kernel's table made from it. No I/O.
 */
#ifndef IMAGES_INITRAMFS_VERITY_H
#define IMAGES_INITRAMFS_VERITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VERITY_BLOCK_LEN = 4096,     /* bytes, of data and of hashes: the only size that we make */
	VERITY_SUPERBLOCK_LEN = 512, /* bytes */
	VERITY_HASH_TEXT_LEN = 64,   /* hexadecimal digits of a SHA-256 */
	VERITY_SALT_LEN_MAX = 64,    /* bytes; 256 would be allowed */
	VERITY_TABLE_LEN_MAX = 1024, /* bytes with the end */
};

struct verity {
	uint64_t data_block_count;
	uint64_t hash_start_block; /* of the partition: the block behind the superblock */
	uint32_t salt_len_bytes;
	uint8_t salt[VERITY_SALT_LEN_MAX];
};

enum verity_on_corruption {
	VERITY_EIO, /* whoever reads the block gets an error */
	VERITY_PANIC, /* the kernel stops, says so on each console and restarts after panic= seconds */
};

/*
 * Reads the superblock that lies hash_offset_bytes from the start of a partition of partition_len_bytes. NULL, or what is
 * wrong with it. Nothing in it is trusted beyond its sizes: a wrong tree fails against the root hash. Borrows superblock.
 */
const char *
verity_parse(const uint8_t superblock[VERITY_SUPERBLOCK_LEN], uint64_t hash_offset_bytes,
	     uint64_t partition_len_bytes, struct verity *verity);

/* Whether text is a root hash: 64 lower-case hexadecimal digits. */
bool verity_root_hash_ok(const char *text);

/* Writes the kernel's table line for a partition (its device path is both data and hash device). False if it does not fit. */
bool verity_table(const struct verity *verity, const char *device, const char *root_hash,
		  enum verity_on_corruption on_corruption, char *table, size_t size_bytes);

/* Length of the mapped device in sectors of 512 bytes. */
uint64_t verity_sector_count(const struct verity *verity);

#endif
