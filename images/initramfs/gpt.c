/*
 * GUID partition table: header, entries, names and GUIDs (UEFI 2.10, 5.3).
 *
 * In the boot: init reads sectors and asks here what they say. Leaves out: writing, attributes, types, and whether
 * partitions overlap, which harms nobody who only reads.
 */
#include "images/initramfs/gpt.h"

#include <string.h>

enum {
	HEADER_LEN_MIN = 92,
	ENTRY_LEN_MIN = 128,
	ENTRY_GUID_AT = 16,
	ENTRY_FIRST_AT = 32,
	ENTRY_LAST_AT = 40,
	ENTRY_LABEL_AT = 56,
	GUID_TEXT_LEN = 36,
};

static uint32_t sum32(const uint8_t *bytes, size_t len_bytes, size_t zero_from, size_t zero_to);
static enum gpt_result
find(const struct gpt_header *header, const uint8_t *entries, const char *label,
     const uint8_t *guid, struct gpt_partition *partition);
static bool label_is(const uint8_t *entry, const char *label);
static int hex_digit(unsigned character);

static uint32_t
get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t
get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

enum gpt_result
gpt_header_parse(const uint8_t *sector, size_t sector_len_bytes, uint64_t lba,
		 uint64_t sector_count, struct gpt_header *header)
{
	uint32_t header_len;
	uint64_t entries_sectors;

	if (sector_len_bytes < GPT_SECTOR_MIN || memcmp(sector, "EFI PART", 8) != 0)
		return GPT_NONE;
	header_len = get32(sector + 12);
	if (get32(sector + 8) != 0x00010000 || header_len < HEADER_LEN_MIN ||
	    header_len > sector_len_bytes)
		return GPT_BAD_HEADER;
	if (sum32(sector, header_len, 16, 20) != get32(sector + 16))
		return GPT_BAD_SUM;
	header->alternate_lba = get64(sector + 32);
	header->first_usable_lba = get64(sector + 40);
	header->last_usable_lba = get64(sector + 48);
	header->entries_lba = get64(sector + 72);
	header->entry_count = get32(sector + 80);
	header->entry_size_bytes = get32(sector + 84);
	header->entries_sum = get32(sector + 88);
	if (get64(sector + 24) != lba || header->first_usable_lba > header->last_usable_lba ||
	    header->last_usable_lba >= sector_count)
		return GPT_BAD_HEADER;
	if (header->entry_count == 0 || header->entry_count > GPT_ENTRY_COUNT_MAX ||
	    header->entry_size_bytes < ENTRY_LEN_MIN ||
	    header->entry_size_bytes > GPT_ENTRY_SIZE_MAX || header->entry_size_bytes % 8 != 0 ||
	    gpt_entries_len_bytes(header) > GPT_ENTRIES_LEN_MAX)
		return GPT_BAD_HEADER;
	entries_sectors = (gpt_entries_len_bytes(header) + sector_len_bytes - 1) / sector_len_bytes;
	if (header->entries_lba < 2 || header->entries_lba >= sector_count ||
	    sector_count - header->entries_lba < entries_sectors)
		return GPT_BAD_HEADER;
	return GPT_OK;
}

size_t
gpt_entries_len_bytes(const struct gpt_header *header)
{
	return (size_t)header->entry_count * header->entry_size_bytes;
}

enum gpt_result
gpt_entries_check(const struct gpt_header *header, const uint8_t *entries, size_t len_bytes)
{
	if (len_bytes != gpt_entries_len_bytes(header))
		return GPT_BAD_HEADER;
	return sum32(entries, len_bytes, 0, 0) == header->entries_sum ? GPT_OK : GPT_BAD_SUM;
}

enum gpt_result
gpt_find_label(const struct gpt_header *header, const uint8_t *entries, const char *label,
	       struct gpt_partition *partition)
{
	return find(header, entries, label, NULL, partition);
}

enum gpt_result
gpt_find_guid(const struct gpt_header *header, const uint8_t *entries,
	      const uint8_t guid[GPT_GUID_LEN], struct gpt_partition *partition)
{
	return find(header, entries, NULL, guid, partition);
}

static enum gpt_result
find(const struct gpt_header *header, const uint8_t *entries, const char *label,
     const uint8_t *guid, struct gpt_partition *partition)
{
	static const uint8_t unused[GPT_GUID_LEN];
	const uint8_t *entry;
	uint32_t found = 0;
	uint32_t i;

	for (i = 0; i < header->entry_count; i++) {
		entry = entries + (size_t)i * header->entry_size_bytes;
		if (memcmp(entry, unused, GPT_GUID_LEN) == 0)
			continue;
		if (label != NULL ? !label_is(entry, label)
				  : memcmp(entry + ENTRY_GUID_AT, guid, GPT_GUID_LEN) != 0)
			continue;
		if (found++ > 0)
			return GPT_AMBIGUOUS;
		partition->number = i + 1;
		partition->first_lba = get64(entry + ENTRY_FIRST_AT);
		partition->last_lba = get64(entry + ENTRY_LAST_AT);
		memcpy(partition->guid, entry + ENTRY_GUID_AT, GPT_GUID_LEN);
	}
	if (found == 0)
		return GPT_NOT_FOUND;
	if (partition->first_lba < header->first_usable_lba ||
	    partition->last_lba > header->last_usable_lba ||
	    partition->first_lba > partition->last_lba)
		return GPT_BAD_EXTENT;
	return GPT_OK;
}

/* A name of full length has no end mark. */
static bool
label_is(const uint8_t *entry, const char *label)
{
	size_t len = strlen(label);
	size_t i;

	if (len > GPT_LABEL_MAX)
		return false;
	for (i = 0; i < GPT_LABEL_MAX; i++) {
		const uint8_t *character = entry + ENTRY_LABEL_AT + 2 * i;

		if (i == len)
			return character[0] == 0 && character[1] == 0;
		if (character[0] != (uint8_t)label[i] || character[1] != 0)
			return false;
	}
	return true;
}

/* The first three fields of a GUID are little-endian on disk; text has all of it most significant digit first. */
bool
gpt_guid_from_utf16(const uint8_t *text, size_t len_bytes, uint8_t guid[GPT_GUID_LEN])
{
	static const uint8_t place[GPT_GUID_LEN] = { 3, 2, 1,  0,  5,  4,  7,  6,
						     8, 9, 10, 11, 12, 13, 14, 15 };
	size_t digits = 0;
	size_t i;

	if (len_bytes < 2 * GUID_TEXT_LEN)
		return false;
	if (len_bytes > 2 * GUID_TEXT_LEN && (len_bytes != 2 * GUID_TEXT_LEN + 2 ||
					      text[len_bytes - 2] != 0 || text[len_bytes - 1] != 0))
		return false;
	for (i = 0; i < GUID_TEXT_LEN; i++) {
		unsigned character = text[2 * i] | (unsigned)text[2 * i + 1] << 8;
		int digit = hex_digit(character);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (character != '-')
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		if (digits % 2 == 0)
			guid[place[digits / 2]] = (uint8_t)(digit << 4);
		else
			guid[place[digits / 2]] |= (uint8_t)digit;
		digits++;
	}
	return true;
}

static int
hex_digit(unsigned character)
{
	if (character >= '0' && character <= '9')
		return (int)character - '0';
	if (character >= 'a' && character <= 'f')
		return (int)character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return (int)character - 'A' + 10;
	return -1;
}

const char *
gpt_result_text(enum gpt_result result)
{
	switch (result) {
	case GPT_OK:
		return "ok";
	case GPT_NONE:
		return "no partition table (GPT)";
	case GPT_BAD_HEADER:
		return "a partition table whose header is wrong";
	case GPT_BAD_SUM:
		return "a partition table with a wrong checksum";
	case GPT_NOT_FOUND:
		return "no such partition";
	case GPT_AMBIGUOUS:
		return "several partitions of that name";
	case GPT_BAD_EXTENT:
		return "a partition that lies outside the disk";
	}
	return "?";
}

/* CRC-32 as UEFI has it, with some bytes taken for zero (the field that holds the sum itself). */
static uint32_t
sum32(const uint8_t *bytes, size_t len_bytes, size_t zero_from, size_t zero_to)
{
	uint32_t sum = 0xffffffff;
	size_t i;
	int bit;

	for (i = 0; i < len_bytes; i++) {
		sum ^= i >= zero_from && i < zero_to ? 0 : bytes[i];
		for (bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}
