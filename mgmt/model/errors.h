/*
 * What is wrong with a configuration: up to 20 messages with their lines, in the order of the text.
 */
#ifndef MGMT_MODEL_ERRORS_H
#define MGMT_MODEL_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#define ERRORS_MAX        20u
#define ERRORS_TEXT_BYTES 320u

struct error {
	uint32_t line; /* 0: of the whole text */
	char text[ERRORS_TEXT_BYTES];
};

struct errors {
	uint32_t count; /* of error[] */
	uint32_t more;  /* found, but without room */
	struct error error[ERRORS_MAX];
};

/* "what is wrong; what would be right". Text from the configuration is made printable. */
void errors_add(struct errors *errors, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * "FILE:LINE: text\n" for each, sorted by line; "text\n" if name is NULL, for what stands in no
 * file. Returns the length without NUL, cut to what fits. Borrows name.
 */
size_t errors_format(const struct errors *errors, const char *name, char *out, size_t out_bytes);

#endif
