/*
 * Partition tables: a sector and entries of any bytes. What is accepted agrees with a second reading of the same bytes, and
 * lies on the disk.
 *
 * Checksums are zlib's, made right unless the input says no, or nothing would get beyond them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "images/initramfs/gpt.h"
#include "test/fuzz/fuzz.h"

enum {
	HEADER_LEN = 92,
	KEEP_HEADER_SUM = 1, /* of the first byte */
	KEEP_ENTRIES_SUM = 2,
	LARGE_SECTORS = 4,
	AT_THE_END = 8,
};

static const uint64_t sector_count = 1 << 20;

static void run(const uint8_t *data, size_t size);
static void put(uint8_t *at, uint64_t number, int len);
static uint64_t get(const uint8_t *at, int len);
static void read_entries(const struct gpt_header *header, struct fuzz_input *in, bool keep_sum);
static void look_for(const struct gpt_header *header, const uint8_t *entries, const char *label);
static bool label_equals(const uint8_t *entry, const char *label);
static void read_guid(struct fuzz_input *in);

const struct fuzz_target fuzz_gpt = { .name = "gpt", .run = run };

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t choice = fuzz_u8(&in);
	size_t sector_len = choice & LARGE_SECTORS ? GPT_SECTOR_MAX : GPT_SECTOR_MIN;
	uint64_t lba = choice & AT_THE_END ? sector_count - 1 : 1;
	uint8_t bytes[GPT_SECTOR_MAX] = { 0 };
	struct gpt_header header;
	const uint8_t *given;
	uint8_t *sector;
	uint64_t len;
	size_t got;

	given = fuzz_take(&in, HEADER_LEN, &got);
	memcpy(bytes, given, got);
	len = get(bytes + 12, 4);
	if (!(choice & KEEP_HEADER_SUM) && len <= sector_len) {
		put(bytes + 16, 0, 4);
		put(bytes + 16, crc32(0, bytes, (uInt)len), 4);
	}
	sector = fuzz_copy(bytes, sector_len);
	if (gpt_header_parse(sector, sector_len, lba, sector_count, &header) == GPT_OK) {
		ASSERT(get(bytes + 24, 8) == lba && header.entries_lba == get(bytes + 72, 8));
		ASSERT(header.entries_lba * sector_len + gpt_entries_len_bytes(&header) <=
		       sector_count * sector_len);
		ASSERT(gpt_entries_len_bytes(&header) <= GPT_ENTRIES_LEN_MAX);
		read_entries(&header, &in, choice & KEEP_ENTRIES_SUM);
	}
	free(sector);
	read_guid(&in);
}

/* Those that the input does not have are unused. */
static void
read_entries(const struct gpt_header *header, struct fuzz_input *in, bool keep_sum)
{
	static const char *const labels[] = { "root-a", "config", "",
					      "abcdefghijklmnopqrstuvwxyz0123456789" };
	size_t len = gpt_entries_len_bytes(header);
	struct gpt_header sealed = *header;
	uint8_t *entries = calloc(1, len);
	const uint8_t *given;
	size_t got;

	ASSERT(entries);
	given = fuzz_take(in, len, &got);
	memcpy(entries, given, got);
	if (!keep_sum)
		sealed.entries_sum = (uint32_t)crc32(0, entries, (uInt)len);
	ASSERT((gpt_entries_check(&sealed, entries, len) == GPT_OK) ==
	       (sealed.entries_sum == crc32(0, entries, (uInt)len)));
	ASSERT(gpt_entries_check(&sealed, entries, len - 1) != GPT_OK);
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		look_for(&sealed, entries, labels[i]);
	free(entries);
}

/* Found by its label, it is found by its GUID too, but where that is given twice. */
static void
look_for(const struct gpt_header *header, const uint8_t *entries, const char *label)
{
	static const uint8_t none[GPT_GUID_LEN];
	struct gpt_partition found, by_guid;
	enum gpt_result result = gpt_find_label(header, entries, label, &found);
	const uint8_t *own = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < header->entry_count; i++) {
		const uint8_t *entry = entries + (size_t)i * header->entry_size_bytes;

		if (memcmp(entry, none, sizeof none) == 0 || !label_equals(entry, label))
			continue;
		own = entry;
		count++;
	}
	ASSERT((count == 0) == (result == GPT_NOT_FOUND));
	ASSERT((count > 1) == (result == GPT_AMBIGUOUS));
	if (result != GPT_OK)
		return;
	ASSERT(found.number >= 1 && found.number <= header->entry_count);
	ASSERT(entries + (size_t)(found.number - 1) * header->entry_size_bytes == own);
	ASSERT(found.first_lba == get(own + 32, 8) && found.last_lba == get(own + 40, 8));
	ASSERT(found.first_lba <= found.last_lba && found.last_lba < sector_count);
	ASSERT(found.first_lba >= header->first_usable_lba);
	ASSERT(found.last_lba <= header->last_usable_lba);
	result = gpt_find_guid(header, entries, found.guid, &by_guid);
	ASSERT(result == GPT_AMBIGUOUS || (result == GPT_OK && by_guid.number == found.number));
}

/* The name as UTF-16, spelled out to its full length. */
static bool
label_equals(const uint8_t *entry, const char *label)
{
	uint8_t wide[2 * GPT_LABEL_MAX] = { 0 };
	size_t len = strlen(label);

	for (size_t i = 0; i < len; i++)
		wide[2 * i] = (uint8_t)label[i];
	return memcmp(entry + 56, wide, len < GPT_LABEL_MAX ? 2 * (len + 1) : 2 * len) == 0;
}

/* What is left, as the firmware's variable; what is taken for a GUID is spelled as one. */
static void
read_guid(struct fuzz_input *in)
{
	size_t len, digits = 0;
	const uint8_t *given = fuzz_take(in, 128, &len);
	uint8_t *text = fuzz_copy(given, len);
	uint8_t guid[GPT_GUID_LEN];

	if (gpt_guid_from_utf16(text, len, guid)) {
		ASSERT(len == 72 || len == 74);
		for (size_t i = 0; i < 36; i++)
			digits += isxdigit(text[2 * i]) && text[2 * i + 1] == 0;
		ASSERT(digits == 32 && text[16] == '-' && text[26] == '-' && text[36] == '-' &&
		       text[46] == '-');
	}
	free(text);
}

static void
put(uint8_t *at, uint64_t number, int len)
{
	for (; len > 0; len--, number >>= 8)
		*at++ = (uint8_t)number;
}

static uint64_t
get(const uint8_t *at, int len)
{
	uint64_t number = 0;

	while (len > 0)
		number = number << 8 | at[--len];
	return number;
}
