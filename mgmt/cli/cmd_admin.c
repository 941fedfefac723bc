/*
 * The administrator's SSH keys: a file of sshd's (authorized_keys), which belongs to the user whose shell this is. Options
 * before a key are not taken: a key opens the command line, nothing else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "fw/services/admin.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

#define KEYS_FILE  "/config/ssh/admin/authorized_keys"
#define KEYS_MAX   32u
#define KEY_BYTES  2048u /* RSA with 16,384 bits, as text */
#define TAIL_SHOWN 16u
#define FILE_BYTES ((KEYS_MAX + 1) * (KEY_BYTES + 1))

struct keys {
	char *text; /* lines, each with its end */
	uint32_t count;
};

static const char *path_of(const struct cli *cli);
static bool keys_read(struct cli *cli, struct keys *keys);
static bool keys_write(struct cli *cli, const char *text);
static bool join(const struct cli_args *args, char key[KEY_BYTES]);
static const char *refused(const char *key);
static bool blob_valid(const char *blob, size_t len, const char *type, size_t type_len);
static size_t base64_decode(const char *text, size_t len, uint8_t *out);
static int base64_value(char c);
static bool has(const struct keys *keys, const char *key);
static void add_key(struct table *table, uint32_t number, const char *line);

enum cli_code
cmd_set_admin_key(struct cli *cli, const struct cli_args *args)
{
	struct keys keys;
	char key[KEY_BYTES];
	const char *why = join(args, key) ? refused(key) : "it is too long";
	bool ok;

	if (why) {
		fprintf(cli->err,
			"this is no key: %s; must be like \"ssh-ed25519 AAAA... name\", a "
			"line of a .pub file\n",
			why);
		return CLI_FAILED;
	}
	if (!keys_read(cli, &keys))
		return CLI_FAILED;
	if (has(&keys, key)) {
		free(keys.text);
		return CLI_OK;
	}
	if (keys.count == KEYS_MAX) {
		fprintf(cli->err, "there are %u keys; delete one first\n", KEYS_MAX);
		free(keys.text);
		return CLI_FAILED;
	}
	strcat(strcat(keys.text, key), "\n");
	ok = keys_write(cli, keys.text);
	free(keys.text);
	return ok ? CLI_OK : CLI_FAILED;
}

enum cli_code
cmd_delete_admin_key(struct cli *cli, const struct cli_args *args)
{
	struct keys keys;
	uint64_t number;
	char *at;
	size_t len;
	bool ok;

	if (!str_to_u64(str_from(args->word[0]), KEYS_MAX, &number) || number == 0) {
		fprintf(cli->err, "\"%s\" is no number of a key; show admin keys has them\n",
			args->word[0]);
		return CLI_FAILED;
	}
	if (!keys_read(cli, &keys))
		return CLI_FAILED;
	if (number > keys.count) {
		fprintf(cli->err, "there is no key %u; there are %u\n", (unsigned)number,
			keys.count);
		free(keys.text);
		return CLI_FAILED;
	}
	for (at = keys.text; --number > 0;)
		at += strcspn(at, "\n") + 1;
	len = strcspn(at, "\n") + 1;
	memmove(at, at + len, strlen(at + len) + 1);
	ok = keys_write(cli, keys.text);
	free(keys.text);
	return ok ? CLI_OK : CLI_FAILED;
}

enum cli_code
cmd_show_admin_keys(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { ">NUMBER", "TYPE", "KEY-END", "NAME" };
	struct table table;
	struct keys keys;
	uint32_t number = 0;

	if (!keys_read(cli, &keys))
		return CLI_FAILED;
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (char *at = keys.text; *at; at += strcspn(at, "\n") + 1)
		add_key(&table, ++number, at);
	table_print(&table, cli->out);
	free(keys.text);
	return CLI_OK;
}

/* TYPE BLOB NAME; the end of a blob tells keys apart. */
static void
add_key(struct table *table, uint32_t number, const char *line)
{
	size_t type_len = strcspn(line, " \n"), blob_len, shown;
	const char *blob = line + type_len + (line[type_len] == ' '), *name;

	blob_len = strcspn(blob, " \n");
	shown = blob_len < TAIL_SHOWN ? blob_len : TAIL_SHOWN;
	name = blob + blob_len + (blob[blob_len] == ' ');
	table_add(table, "%u", number);
	table_add(table, "%.*s", (int)type_len, line);
	table_add(table, "%.*s", (int)shown, blob + blob_len - shown);
	table_add(table, "%.*s", (int)strcspn(name, "\n"), name);
}

static const char *
path_of(const struct cli *cli)
{
	return cli->keys_file ? cli->keys_file : KEYS_FILE;
}

/* No file is no key. Gives a text with room for one more. */
static bool
keys_read(struct cli *cli, struct keys *keys)
{
	FILE *file = fopen(path_of(cli), "re");
	size_t len = 0;

	*keys = (struct keys){ .text = calloc(1, FILE_BYTES + KEY_BYTES) };
	if (!keys->text || (!file && errno != ENOENT)) {
		fprintf(cli->err, "%s can't be read: %s\n", path_of(cli), strerror(errno));
		free(keys->text);
		return false;
	}
	if (file) {
		len = fread(keys->text, 1, FILE_BYTES - 2, file);
		fclose(file);
	}
	if (len > 0 && keys->text[len - 1] != '\n')
		keys->text[len] = '\n';
	for (const char *at = keys->text; (at = strchr(at, '\n')); at++)
		keys->count++;
	return true;
}

static bool
keys_write(struct cli *cli, const char *text)
{
	/* on the disk with its name: a key that is no more must not come back by a power cut */
	if (admin_write("", path_of(cli), text, strlen(text), 0600))
		return true;
	fprintf(cli->err, "%s can't be written: %s\n", path_of(cli), strerror(errno));
	return false;
}

/* A key may come as one word in quotes or as its three. */
static bool
join(const struct cli_args *args, char key[KEY_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < args->count; i++) {
		int more =
		    snprintf(key + len, KEY_BYTES - len, "%s%s", i ? " " : "", args->word[i]);

		if (more < 0 || (size_t)more >= KEY_BYTES - len)
			return false;
		len += (size_t)more;
	}
	return true;
}

/* NULL: it is a key; else why not. */
static const char *
refused(const char *key)
{
	static const char *const types[] = { "ssh-ed25519",
					     "ecdsa-sha2-nistp256",
					     "ecdsa-sha2-nistp384",
					     "ecdsa-sha2-nistp521",
					     "ssh-rsa",
					     "sk-ssh-ed25519@openssh.com",
					     "sk-ecdsa-sha2-nistp256@openssh.com" };
	size_t type_len = strcspn(key, " "), i = 0;
	const char *blob = key + type_len + (key[type_len] == ' ');

	while (i < ARRAY_SIZE(types) &&
	       (strlen(types[i]) != type_len || memcmp(types[i], key, type_len) != 0))
		i++;
	if (i == ARRAY_SIZE(types))
		return "its first word is no type of a key";
	if (!blob_valid(blob, strcspn(blob, " "), types[i], type_len))
		return "its second word is damaged, or of another type than the first";
	for (const char *at = key; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			return "it holds a character that is not printable ASCII";
	return NULL;
}

/*
 * Base64 of strings, each behind its length, up to the last byte (RFC 4253 section 6.6); the first is the type's own name. A
 * key that was cut when it was copied is found so: sshd would pass over it, and nobody could log in by it.
 */
static bool
blob_valid(const char *blob, size_t len, const char *type, size_t type_len)
{
	uint8_t bytes[KEY_BYTES];
	size_t count = base64_decode(blob, len, bytes), at = 0, strings = 0;

	while (count - at >= 4) {
		size_t part = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
			      (size_t)bytes[at + 2] << 8 | bytes[at + 3];

		at += 4;
		if (part == 0 || part > count - at)
			return false;
		if (strings++ == 0 && (part != type_len || memcmp(bytes + at, type, part) != 0))
			return false;
		at += part;
	}
	return at == count && strings >= 2;
}

/* The number of bytes; 0: it is none. out has room for as many as there are characters. */
static size_t
base64_decode(const char *text, size_t len, uint8_t *out)
{
	size_t count = 0, padding = 0;
	uint32_t bits = 0, have = 0;

	while (padding < 2 && len > padding && text[len - padding - 1] == '=')
		padding++;
	if (len % 4 != 0)
		return 0;
	for (size_t i = 0; i < len - padding; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[count++] = (uint8_t)(bits >> have);
	}
	return count;
}

static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The same key under another name is the same key. */
static bool
has(const struct keys *keys, const char *key)
{
	size_t type_len = strcspn(key, " "), len = type_len + 1 + strcspn(key + type_len + 1, " ");

	for (const char *at = keys->text; *at; at += strcspn(at, "\n") + 1)
		if (strncmp(at, key, len) == 0 && (at[len] == ' ' || at[len] == '\n'))
			return true;
	return false;
}
