/*
 * The stored configuration. What takes space and time, writing and syncing, comes before a publish;
 * after it there is a rename left, which a full disk does not stop.
 */
#include "mgmt/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fw/abi/files.h"

#define PREPARED STORE_FILE ".new"

static bool sync_parent(const char *dir);
static bool sync_dir(const char *dir);

enum err
store_prepare(const char *dir, const char *text)
{
	char path[FILES_PATH_MAX];

	if (!files_path(path, dir, PREPARED))
		return ERR_too_long;
	if (mkdir(dir, 0755) == 0 ? !sync_parent(dir) : errno != EEXIST)
		return ERR_io;
	return files_write_atomic(path, text, strlen(text));
}

enum err
store_finish(const char *dir)
{
	char from[FILES_PATH_MAX], to[FILES_PATH_MAX];

	if (!files_path(from, dir, PREPARED) || !files_path(to, dir, STORE_FILE))
		return ERR_too_long;
	return rename(from, to) == 0 && sync_dir(dir) ? ERR_ok : ERR_io;
}

void
store_drop(const char *dir)
{
	char path[FILES_PATH_MAX];

	if (files_path(path, dir, PREPARED))
		unlink(path);
}

bool
store_has(const char *dir, const char *text)
{
	char path[FILES_PATH_MAX];
	struct file_map map;
	bool same;

	if (!files_path(path, dir, STORE_FILE) || files_map_read(path, &map) != ERR_ok)
		return false;
	same = map.size_bytes == strlen(text) && memcmp(map.base, text, map.size_bytes) == 0;
	files_unmap(&map);
	return same;
}

enum err
store_set_aside(const char *dir)
{
	char from[FILES_PATH_MAX], to[FILES_PATH_MAX];

	if (!files_path(from, dir, STORE_FILE) || !files_path(to, dir, STORE_REFUSED))
		return ERR_too_long;
	if (unlink(to) != 0 && errno != ENOENT)
		return ERR_io;
	return link(from, to) == 0 && sync_dir(dir) ? ERR_ok : ERR_io;
}

enum err
store_open(const char *dir, int *out)
{
	char path[FILES_PATH_MAX];
	int fd;

	if (!files_path(path, dir, STORE_FILE))
		return ERR_too_long;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ERR_not_found : ERR_io;
	*out = fd;
	return ERR_ok;
}

static bool
sync_parent(const char *dir)
{
	char path[FILES_PATH_MAX];

	return files_path(path, dir, "..") && sync_dir(path);
}

/* The name is on the disk when its directory is. */
static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}
