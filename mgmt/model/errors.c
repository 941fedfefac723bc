/*
 * Collecting messages about a configuration and printing them in the order of its lines.
 */
#include "mgmt/model/errors.h"

#include <stdarg.h>
#include <stdio.h>

static size_t format_one(const struct error *error, const char *name, char *out, size_t out_bytes);
static void make_printable(char *text);

void
errors_add(struct errors *errors, uint32_t line, const char *format, ...)
{
	struct error *error = &errors->error[errors->count];
	va_list args;

	if (errors->count == ERRORS_MAX) {
		errors->more++;
		return;
	}
	errors->count++;
	error->line = line;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	make_printable(error->text);
}

size_t
errors_format(const struct errors *errors, const char *name, char *out, size_t out_bytes)
{
	size_t len = 0;
	uint64_t done = 0;

	out[0] = '\0';
	for (uint32_t n = 0; n < errors->count; n++) {
		uint32_t next = UINT32_MAX;

		for (uint32_t i = 0; i < errors->count; i++)
			if (!(done >> i & 1) && (next == UINT32_MAX ||
						 errors->error[i].line < errors->error[next].line))
				next = i;
		done |= UINT64_C(1) << next;
		len += format_one(&errors->error[next], name, out + len, out_bytes - len);
		if (len >= out_bytes)
			return out_bytes - 1;
	}
	if (errors->more)
		len += (size_t)snprintf(out + len, out_bytes - len, "%s%sand %u more errors\n",
					name ? name : "", name ? ": " : "", errors->more);
	return len < out_bytes ? len : out_bytes - 1;
}

static size_t
format_one(const struct error *error, const char *name, char *out, size_t out_bytes)
{
	int len;

	if (name)
		len = snprintf(out, out_bytes, "%s:%u: %s\n", name, error->line ? error->line : 1,
			       error->text);
	else
		len = snprintf(out, out_bytes, "%s\n", error->text);
	return (size_t)len;
}

/* Text that came from a file must not reach a terminal as control sequences. */
static void
make_printable(char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
}
