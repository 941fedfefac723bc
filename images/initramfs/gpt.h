/*
 * GUID partition table (UEFI 2.10, chapter 5), as init reads it: no I/O, no memory of its own. What a disk says is hostile.
 */
#ifndef IMAGES_INITRAMFS_GPT_H
#define IMAGES_INITRAMFS_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GPT_GUID_LEN = 16,
	GPT_LABEL_MAX = 36,               /* characters */
	GPT_ENTRY_COUNT_MAX = 512,        /* more is refused; 128 are usual */
	GPT_ENTRY_SIZE_MAX = 1024,        /* bytes; 128 are usual */
	GPT_SECTOR_MIN = 512,             /* bytes */
	GPT_SECTOR_MAX = 4096,            /* bytes */
	GPT_ENTRIES_LEN_MAX = 128 * 1024, /* bytes: count times size */
};

enum gpt_result {
	GPT_OK,
	GPT_NONE,       /* no signature: not a GPT disk */
	GPT_BAD_HEADER, /* sizes or places that can't be */
	GPT_BAD_SUM,    /* header or entries have not the checksum they should */
	GPT_NOT_FOUND,  /* no partition of that name */
	GPT_AMBIGUOUS,  /* several of that name */
	GPT_BAD_EXTENT, /* the partition lies outside the disk's usable part */
};

struct gpt_header {
	uint64_t alternate_lba;
	uint64_t first_usable_lba;
	uint64_t last_usable_lba;
	uint64_t entries_lba;
	uint32_t entry_count;
	uint32_t entry_size_bytes;
	uint32_t entries_sum;
};

struct gpt_partition {
	uint32_t number; /* from 1, the kernel's too */
	uint64_t first_lba;
	uint64_t last_lba; /* included */
	uint8_t guid[GPT_GUID_LEN];
};

/* Reads a header from the sector at lba (1, or the last one) of a disk of sector_count sectors. Borrows sector. */
enum gpt_result gpt_header_parse(const uint8_t *sector, size_t sector_len_bytes, uint64_t lba,
				 uint64_t sector_count, struct gpt_header *header);

/* Length of all entries in bytes, at most GPT_ENTRIES_LEN_MAX for a header that was parsed well. */
size_t gpt_entries_len_bytes(const struct gpt_header *header);

/* Whether these are the entries that the header speaks of. Borrows entries. */
enum gpt_result
gpt_entries_check(const struct gpt_header *header, const uint8_t *entries, size_t len_bytes);

/* Finds the partition of that name (ASCII). Entries as checked by gpt_entries_check. */
enum gpt_result gpt_find_label(const struct gpt_header *header, const uint8_t *entries,
			       const char *label, struct gpt_partition *partition);

/* Finds the partition of that GUID, in the byte order of the disk. */
enum gpt_result gpt_find_guid(const struct gpt_header *header, const uint8_t *entries,
			      const uint8_t guid[GPT_GUID_LEN], struct gpt_partition *partition);

/* Reads a GUID from UTF-16 text (little-endian, ended or not), as firmware keeps it in variables. */
bool gpt_guid_from_utf16(const uint8_t *text, size_t len_bytes, uint8_t guid[GPT_GUID_LEN]);

/* A few words for people. */
const char *gpt_result_text(enum gpt_result result);

#endif
