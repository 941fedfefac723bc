/*
 * Text forms and tests of IP addresses. The parsing itself is the C library's inet_pton, which is strict.
 */
#include "fw/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "fw/base/assert.h"

const struct addr addr_any;

bool
addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len)
{
	unsigned bits = addr_is_v4(prefix) ? 96 + prefix_len : prefix_len;
	unsigned bytes = bits / 8;

	ASSERT(bits <= 128);
	if (addr_is_v4(a) != addr_is_v4(prefix))
		return false;
	if (memcmp(a->byte, prefix->byte, bytes) != 0)
		return false;
	return bits % 8 == 0 || ((a->byte[bytes] ^ prefix->byte[bytes]) >> (8 - bits % 8)) == 0;
}

bool
addr_is_multicast(const struct addr *a)
{
	return addr_is_v4(a) ? (a->byte[12] & 0xf0) == 0xe0 : a->byte[0] == 0xff;
}

bool
addr_is_link_local_v6(const struct addr *a)
{
	return a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

bool
addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[4];

	return addr_is_v4(a) ? memcmp(&a->byte[12], zero, 4) == 0 : addr_equal(a, &addr_any);
}

bool
addr_is_loopback(const struct addr *a)
{
	static const struct addr loopback_v6 = { .byte = { [15] = 1 } };

	return addr_is_v4(a) ? a->byte[12] == 127 : addr_equal(a, &loopback_v6);
}

bool
addr_parse(const char *text, struct addr *out)
{
	uint8_t bytes[16];
	struct addr v6;

	if (inet_pton(AF_INET, text, bytes) == 1) {
		be32 v4;

		memcpy(&v4, bytes, 4);
		*out = addr_from_v4(v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	v6 = addr_from_v6(bytes);
	if (addr_is_v4(&v6))
		return false; /* "::ffff:1.2.3.4" would be a second spelling of 1.2.3.4 */
	*out = v6;
	return true;
}

bool
addr_parse_prefix(const char *text, struct addr *out, unsigned *prefix_len)
{
	char head[ADDR_TEXT_MAX];
	const char *slash = strchr(text, '/');
	struct addr parsed;
	unsigned value = 0;

	if (!slash || (size_t)(slash - text) >= sizeof head)
		return false;
	memcpy(head, text, (size_t)(slash - text));
	head[slash - text] = '\0';
	if (!addr_parse(head, &parsed) || slash[1] == '\0' || strlen(slash + 1) > 3)
		return false;
	if (slash[1] == '0' && slash[2] != '\0')
		return false; /* "/08": one spelling a length */
	for (const char *digit = slash + 1; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		value = value * 10 + (unsigned)(*digit - '0');
	}
	if (value > (addr_is_v4(&parsed) ? 32u : 128u))
		return false;
	*out = parsed;
	*prefix_len = value;
	return true;
}

/* By hand: inet_ntop goes by way of printf, and this runs once a request. */
static char *
format_decimal(char *at, unsigned value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static void
format_v4(const uint8_t *byte, char *at)
{
	for (unsigned i = 0; i < 4; i++) {
		at = format_decimal(at, byte[i]);
		*at++ = i < 3 ? '.' : '\0';
	}
}

static char *
format_hex(char *at, unsigned group)
{
	for (int shift = 12; shift >= 0; shift -= 4)
		if (group >> shift || shift == 0)
			*at++ = "0123456789abcdef"[group >> shift & 15];
	return at;
}

/* RFC 5952 4.2: "::" stands for the first of the longest runs of two or more zero groups. */
static void
format_v6(const uint8_t *byte, char *at)
{
	unsigned group[8], run_at = 8, run_len = 1;

	for (unsigned i = 0; i < 8; i++)
		group[i] = (unsigned)byte[2 * i] << 8 | byte[2 * i + 1];
	for (unsigned i = 0, len; i < 8; i += len + 1) {
		for (len = 0; i + len < 8 && group[i + len] == 0;)
			len++;
		if (len > run_len) {
			run_at = i;
			run_len = len;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == run_at) {
			*at++ = ':';
			i += run_len - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i > 0)
			*at++ = ':';
		at = format_hex(at, group[i]);
	}
	*at = '\0';
}

const char *
addr_format(const struct addr *a, char out[ADDR_TEXT_MAX])
{
	if (addr_is_v4(a))
		format_v4(&a->byte[12], out);
	else
		format_v6(a->byte, out);
	return out;
}

const char *
endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX])
{
	char text[ADDR_TEXT_MAX];

	addr_format(&e->addr, text);
	snprintf(out, ENDPOINT_TEXT_MAX, addr_is_v4(&e->addr) ? "%s:%u" : "[%s]:%u", text, e->port);
	return out;
}
