/*
 * crypt(3) with yescrypt, and files written by rename: a power cut leaves the old one or the new one.
 */
#include "fw/services/admin.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 256
#define METHOD     "$y$"

static bool hash_valid(const char *hash);
static void write_entries(FILE *from, FILE *to, const char *hash);
static bool sync_dir_of(const char *path);

const char *
admin_password_refused(const char *password)
{
	size_t len = strlen(password);

	if (len < ADMIN_PASSWORD_MIN)
		return "it is too short; must have 8 characters or more";
	if (len > ADMIN_PASSWORD_MAX)
		return "it is too long; must have 128 characters or less";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)password[i] < 0x20 || password[i] == 0x7f)
			return "it holds a control character; type it again";
	if (strspn(password, (const char[]){ password[0], '\0' }) == len)
		return "it is one character again and again; take another one";
	return NULL;
}

bool
admin_hash(const char *password, char out[ADMIN_HASH_BYTES])
{
	struct crypt_data *data = calloc(1, sizeof *data);
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *hash = NULL;
	bool ok;

	if (data && crypt_gensalt_rn(METHOD, 0, NULL, 0, setting, sizeof setting))
		hash = crypt_r(password, setting, data);
	ok = hash && strlen(hash) < ADMIN_HASH_BYTES && hash_valid(hash);
	if (ok)
		strcpy(out, hash);
	if (data)
		explicit_bzero(data, sizeof *data);
	free(data);
	return ok;
}

/* What a hash may hold; nothing that has a meaning in /etc/shadow. */
static bool
hash_valid(const char *hash)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./$,=";

	return strncmp(hash, METHOD, strlen(METHOD)) == 0 && strlen(hash) >= 40 &&
	       hash[strspn(hash, allowed)] == '\0';
}

/* Cut ones and settings that crypt(3) does not know make another text of it, or none. */
bool
admin_hash_usable(const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof *data);
	const char *of_nothing = data && hash_valid(hash) ? crypt_r("", hash, data) : NULL;
	const char *digest = strrchr(hash, '$');
	bool ok = of_nothing && strlen(of_nothing) == strlen(hash) &&
		  strncmp(of_nothing, hash, (size_t)(digest - hash) + 1) == 0 &&
		  strcmp(of_nothing, hash) != 0;

	free(data);
	return ok;
}

bool
admin_read_hash(const char *root, char out[ADMIN_HASH_BYTES])
{
	char path[PATH_BYTES];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof path, "%s" ADMIN_HASH_FILE, root);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		len = read(fd, out, ADMIN_HASH_BYTES);
		close(fd);
	}
	/* the newline is written last: without it the file was cut */
	if (len <= 0 || len == ADMIN_HASH_BYTES || out[len - 1] != '\n')
		return false;
	out[len - 1] = '\0';
	return strlen(out) == (size_t)len - 1 && hash_valid(out);
}

bool
admin_write_hash(const char *root, const char *hash)
{
	char line[ADMIN_HASH_BYTES + 2];
	int len = snprintf(line, sizeof line, "%s\n", hash);

	return len < (int)sizeof line &&
	       admin_write(root, ADMIN_HASH_FILE, line, (size_t)len, 0600);
}

bool
admin_compose_shadow(const char *root, const char *hash)
{
	char path[PATH_BYTES], *text = NULL;
	size_t text_bytes = 0;
	FILE *from, *to = open_memstream(&text, &text_bytes);
	bool ok;

	if (!to)
		return false;
	snprintf(path, sizeof path, "%s/etc/shadow", root);
	from = fopen(path, "re");
	write_entries(from, to, hash);
	if (from)
		fclose(from);
	ok = fclose(to) == 0 && admin_write(root, "/etc/shadow", text, text_bytes, 0600);
	free(text);
	return ok;
}

static void
write_entries(FILE *from, FILE *to, const char *hash)
{
	char *line = NULL;
	size_t room = 0;

	while (from && getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ADMIN_USER ":", sizeof ADMIN_USER) != 0)
			fprintf(to, "%s\n", line);
	}
	free(line);
	/* a password that never ages; "*" is none, and no lock: keys still count */
	fprintf(to, ADMIN_USER ":%s::0:99999:7:::\n", hash ? hash : "*");
}

bool
admin_compose_sshd(const char *root, bool has_password)
{
	const char *text =
	    has_password ? "PasswordAuthentication yes\n" : "PasswordAuthentication no\n";

	return admin_write(root, "/run/fairlead/sshd.conf", text, strlen(text), 0644);
}

bool
admin_write(const char *root, const char *name, const char *text, size_t text_bytes, unsigned mode)
{
	char path[PATH_BYTES], temporary[PATH_BYTES + 8];
	int fd, error;
	bool ok;

	if (snprintf(path, sizeof path, "%s%s", root, name) >= (int)sizeof path)
		return false;
	snprintf(temporary, sizeof temporary, "%s.new", path);
	(void)unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return false;
	ok = fchmod(fd, mode) == 0 && write(fd, text, text_bytes) == (ssize_t)text_bytes &&
	     fsync(fd) == 0;
	error = errno;
	ok = close(fd) == 0 && ok;
	if (ok && rename(temporary, path) == 0)
		return sync_dir_of(path);
	error = ok ? errno : error;
	(void)unlink(temporary);
	errno = error;
	return false;
}

static bool
sync_dir_of(const char *path)
{
	char dir[PATH_BYTES];
	bool ok;
	int fd;

	snprintf(dir, sizeof dir, "%s", path);
	*strrchr(dir, '/') = '\0';
	fd = open(dir[0] ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}
