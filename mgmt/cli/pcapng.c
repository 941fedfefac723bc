/*
 * pcapng blocks. DPDK's librte_pcapng writes mbufs of ethdevs that its own process has, and libpcap
 * writes only the older format, which knows neither several interfaces nor directions.
 */
#include "mgmt/cli/pcapng.h"

#include <string.h>

#include "fw/abi/drops.h"
#include "fw/base/assert.h"

#define BLOCK_BYTES (TAP_KEPT_MAX + 1024u)

enum block {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED_PACKET = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_SECTION_APPLICATION = 4,
	OPTION_INTERFACE_NAME = 2,
	OPTION_INTERFACE_TIME_RESOLUTION = 9,
	OPTION_INTERFACE_FILTER = 11,
	OPTION_PACKET_FLAGS = 2,
	OPTION_STATISTICS_DELIVERED = 8,
};

#define BYTE_ORDER_MAGIC  0x1a2b3c4du
#define LINKTYPE_ETHERNET 1u
#define MICROSECONDS      6u /* 10^-6 */
#define FLAG_IN           1u
#define FLAG_OUT          2u

struct builder {
	uint8_t bytes[BLOCK_BYTES] __attribute__((aligned(4)));
	uint32_t len;
};

/* Strings are cut so that a block always fits. */
#define TEXT_MAX 400u

static void
add(struct builder *b, const void *bytes, uint32_t len)
{
	static const uint8_t padding[4];
	uint32_t pad = (4 - len % 4) % 4;

	ASSERT(b->len + len + pad <= sizeof b->bytes);
	if (len)
		memcpy(b->bytes + b->len, bytes, len);
	memcpy(b->bytes + b->len + len, padding, pad);
	b->len += len + pad;
}

static void
add_u32(struct builder *b, uint32_t value)
{
	add(b, &value, sizeof value);
}

static void
add_option(struct builder *b, enum option code, const void *bytes, uint32_t len)
{
	uint16_t head[2] = { (uint16_t)code, (uint16_t)len };

	add(b, head, sizeof head);
	add(b, bytes, len);
}

static void
add_text(struct builder *b, enum option code, const char *text)
{
	add_option(b, code, text, (uint32_t)strnlen(text, TEXT_MAX));
}

static void
begin(struct builder *b, enum block type)
{
	b->len = 0;
	add_u32(b, type);
	add_u32(b, 0); /* total length, see finish */
}

static void
finish(struct builder *b, FILE *out)
{
	uint32_t total = b->len + 4;

	add_u32(b, total);
	memcpy(b->bytes + 4, &total, sizeof total);
	fwrite(b->bytes, 1, b->len, out);
}

void
pcapng_section(FILE *out, const char *application)
{
	struct builder b;
	uint16_t version[2] = { 1, 0 };
	uint64_t unknown_length = UINT64_MAX;

	begin(&b, BLOCK_SECTION);
	add_u32(&b, BYTE_ORDER_MAGIC);
	add(&b, version, sizeof version);
	add(&b, &unknown_length, sizeof unknown_length);
	add_text(&b, OPTION_SECTION_APPLICATION, application);
	add_option(&b, OPTION_END, NULL, 0);
	finish(&b, out);
}

void
pcapng_interface(FILE *out, const char *name, uint32_t snap_bytes, const char *filter)
{
	struct builder b;
	uint16_t linktype[2] = { LINKTYPE_ETHERNET, 0 };
	uint8_t resolution = MICROSECONDS;
	char text[TEXT_MAX];

	begin(&b, BLOCK_INTERFACE);
	add(&b, linktype, sizeof linktype);
	add_u32(&b, snap_bytes);
	add_text(&b, OPTION_INTERFACE_NAME, name);
	add_option(&b, OPTION_INTERFACE_TIME_RESOLUTION, &resolution, sizeof resolution);
	if (*filter) { /* its first byte says that text follows */
		text[0] = 0;
		snprintf(text + 1, sizeof text - 1, "%s", filter);
		add_option(&b, OPTION_INTERFACE_FILTER, text, 1 + (uint32_t)strlen(text + 1));
	}
	add_option(&b, OPTION_END, NULL, 0);
	finish(&b, out);
}

void
pcapng_frame(FILE *out, uint32_t interface, const struct tap_record *record)
{
	uint32_t flags = record->direction == TAP_IN ? FLAG_IN : FLAG_OUT;
	struct builder b;
	char comment[TEXT_MAX];

	ASSERT(record->kept_bytes <= TAP_KEPT_MAX);
	begin(&b, BLOCK_ENHANCED_PACKET);
	add_u32(&b, interface);
	add_u32(&b, (uint32_t)(record->unix_us >> 32));
	add_u32(&b, (uint32_t)record->unix_us);
	add_u32(&b, record->kept_bytes);
	add_u32(&b, record->frame_bytes);
	add(&b, tap_record_frame(record), record->kept_bytes);
	add_option(&b, OPTION_PACKET_FLAGS, &flags, sizeof flags);
	if (record->reason) {
		const struct drop_info *info = &drop_infos[record->reason];

		snprintf(comment, sizeof comment, "dropped: %s: %s", info->name, info->text);
		add_text(&b, OPTION_COMMENT, comment);
	}
	add_option(&b, OPTION_END, NULL, 0);
	finish(&b, out);
}

void
pcapng_statistics(FILE *out, uint32_t interface, uint64_t unix_us, uint64_t delivered,
		  const char *comment)
{
	struct builder b;

	begin(&b, BLOCK_STATISTICS);
	add_u32(&b, interface);
	add_u32(&b, (uint32_t)(unix_us >> 32));
	add_u32(&b, (uint32_t)unix_us);
	if (*comment)
		add_text(&b, OPTION_COMMENT, comment);
	add_option(&b, OPTION_STATISTICS_DELIVERED, &delivered, sizeof delivered);
	add_option(&b, OPTION_END, NULL, 0);
	finish(&b, out);
}
