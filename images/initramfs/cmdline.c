/*
 * The kernel's command line: words with spaces between, KEY=value. Double quotes around a value are not for our words.
 */
#include "images/initramfs/cmdline.h"

#include <string.h>

static bool is_space(char character);

bool
cmdline_value(const char *line, const char *key, char *value, size_t size_bytes)
{
	size_t key_len = strlen(key);
	bool found = false;

	value[0] = '\0';
	while (*line != '\0') {
		const char *word = line;
		size_t len;

		while (*line != '\0' && !is_space(*line))
			line++;
		len = (size_t)(line - word);
		while (is_space(*line))
			line++;
		if (len <= key_len || memcmp(word, key, key_len) != 0 || word[key_len] != '=')
			continue;
		len -= key_len + 1;
		found = len > 0 && len < size_bytes;
		value[0] = '\0';
		if (found) {
			memcpy(value, word + key_len + 1, len);
			value[len] = '\0';
		}
	}
	return found;
}

bool
cmdline_number(const char *line, const char *key, uint64_t *number)
{
	char text[21];
	uint64_t value = 0;
	const char *digit;

	if (!cmdline_value(line, key, text, sizeof(text)))
		return false;
	for (digit = text; *digit != '\0'; digit++) {
		unsigned add = (unsigned)(*digit - '0');

		if (add > 9 || value > (UINT64_MAX - add) / 10)
			return false;
		value = value * 10 + add;
	}
	*number = value;
	return true;
}

static bool
is_space(char character)
{
	return character == ' ' || character == '\t' || character == '\n';
}
