/*
 * Pseudo-random content that is a function of a key and a place: whoever knows both can make and check any part of
 * a transfer without keeping it.
 */
#ifndef TEST_SIM_PATTERN_H
#define TEST_SIM_PATTERN_H

#include <stdint.h>

/* Writes the len bytes of stream `key` that start at offset to out. */
void pattern_fill(uint64_t key, uint64_t offset, void *out, uint32_t len);
/* Where the first wrong one of len bytes is; len if all are right. */
uint32_t pattern_check(uint64_t key, uint64_t offset, const void *data, uint32_t len);

#endif
