/*
 * SipHash-2-4 against the test vectors of its authors: key 00 01 .. 0f, input 00 01 .. n-1. The paper's own
 * example (appendix A) is the row of 15 bytes.
 */
#include "fw/base/assert.h"
#include "fw/base/siphash.h"
#include "test/unit/unit.h"

static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

static void
vectors_of_the_authors_agree(void)
{
	static const uint64_t expected[] = {
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
		0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
		0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
		0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
	};
	uint8_t input[ARRAY_SIZE(expected)];

	for (uint8_t len = 0; len < ARRAY_SIZE(expected); len++) {
		input[len] = len;
		CU_ASSERT_EQUAL(siphash(&key, input, len), expected[len]);
	}
}

static void
misaligned_input_gives_the_same(void)
{
	uint8_t buffer[32 + 8];
	uint64_t first = 0;

	for (unsigned shift = 0; shift < 8; shift++) {
		for (uint8_t i = 0; i < 32; i++)
			buffer[shift + i] = i;
		if (shift == 0)
			first = siphash(&key, buffer, 32);
		CU_ASSERT_EQUAL(siphash(&key, buffer + shift, 32), first);
	}
}

static void
another_key_gives_another_hash(void)
{
	struct siphash_key k0 = { key.k0 ^ 1, key.k1 }, k1 = { key.k0, key.k1 ^ 1 };

	CU_ASSERT_NOT_EQUAL(siphash(&k0, "abc", 3), siphash(&key, "abc", 3));
	CU_ASSERT_NOT_EQUAL(siphash(&k1, "abc", 3), siphash(&key, "abc", 3));
	CU_ASSERT_NOT_EQUAL(siphash(&k0, "abc", 3), siphash(&k1, "abc", 3));
}

static void
input_in_words_gives_the_same(void)
{
	uint64_t words[5] = { 1, UINT64_MAX, 0x0123456789abcdef, 42, 0xfedcba98 };

	for (unsigned count = 0; count <= 4; count++) {
		CU_ASSERT_EQUAL(siphash_words(&key, words, count, 0, 8 * count),
				siphash(&key, words, 8 * count));
		CU_ASSERT_EQUAL(
		    siphash_words(&key, words, count, words[count] & 0xffffffff, 8 * count + 4),
		    siphash(&key, words, 8 * count + 4));
	}
}

CU_TestInfo test_siphash[] = {
	{ "siphash_vectors_of_the_authors_agree", vectors_of_the_authors_agree },
	{ "siphash_misaligned_input_gives_the_same", misaligned_input_gives_the_same },
	{ "siphash_input_in_words_gives_the_same", input_in_words_gives_the_same },
	{ "siphash_another_key_gives_another_hash", another_key_gives_another_hash },
	CU_TEST_INFO_NULL,
};
