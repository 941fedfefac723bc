/*
 * The kernel's command line, as init reads it.
 */
#ifndef IMAGES_INITRAMFS_CMDLINE_H
#define IMAGES_INITRAMFS_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Copies the value of KEY=value to value, which ends with a zero byte; the last one counts, as for the kernel. False, and an
 * empty value, if there is none or it does not fit. Borrows line.
 */
bool cmdline_value(const char *line, const char *key, char *value, size_t size_bytes);

/* The same for a decimal number without a sign. */
bool cmdline_number(const char *line, const char *key, uint64_t *number);

#endif
