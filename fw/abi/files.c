/*
 * Making and mapping the files below the run directory. A file gets its name when it is complete,
 * so a process that is killed at any point leaves the old file or the new one.
 */
#include "fw/abi/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err map(int fd, size_t size_bytes, int protection, struct file_map *map);
static bool temporary_name(char out[FILES_PATH_MAX], const char *path);
static bool write_all(int fd, const void *data, size_t size_bytes);

bool
files_path(char out[FILES_PATH_MAX], const char *run_dir, const char *name)
{
	int len = snprintf(out, FILES_PATH_MAX, "%s/%s", run_dir, name);

	return len > 0 && len < FILES_PATH_MAX;
}

/*
 * The descriptor stays open: the lock goes with the process. It is one that can be asked about
 * without being taken.
 */
enum err
files_lock(const char *run_dir, const char *name)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[FILES_PATH_MAX];
	int fd;

	if (!files_path(path, run_dir, name))
		return ERR_too_long;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_io;
	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return ERR_ok;
	close(fd);
	return errno == EAGAIN || errno == EACCES ? ERR_busy : ERR_io;
}

bool
files_is_locked(const char *run_dir, const char *name)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[FILES_PATH_MAX];
	bool locked;
	int fd = files_path(path, run_dir, name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return errno == EACCES;
	locked = fcntl(fd, F_OFD_GETLK, &whole) != 0 || whole.l_type != F_UNLCK;
	close(fd);
	return locked;
}

enum err
files_map_read(const char *path, struct file_map *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum err err = ERR_io;

	*out = (struct file_map){ NULL, 0 };
	if (fd < 0)
		return errno == ENOENT ? ERR_not_found : ERR_io;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		err = st.st_size > 0 ? map(fd, (size_t)st.st_size, PROT_READ, out) : ERR_corrupt;
	close(fd);
	return err;
}

enum err
files_map_write(const char *path, size_t size_bytes, struct file_map *out, bool *existed)
{
	char temporary[FILES_PATH_MAX];
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	enum err err = ERR_io;

	*out = (struct file_map){ NULL, 0 };
	*existed = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		   (size_t)st.st_size == size_bytes;
	if (*existed) {
		err = map(fd, size_bytes, PROT_READ | PROT_WRITE, out);
		close(fd);
		return err;
	}
	if (fd >= 0)
		close(fd);
	if (!temporary_name(temporary, path))
		return ERR_io;
	fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return ERR_io;
	if (ftruncate(fd, (off_t)size_bytes) == 0 && rename(temporary, path) == 0)
		err = map(fd, size_bytes, PROT_READ | PROT_WRITE, out);
	else
		unlink(temporary);
	close(fd);
	return err;
}

void
files_unmap(struct file_map *map)
{
	if (map->base)
		munmap(map->base, map->size_bytes);
	*map = (struct file_map){ NULL, 0 };
}

enum err
files_write_atomic(const char *path, const void *data, size_t size_bytes)
{
	char temporary[FILES_PATH_MAX];
	bool ok;
	int fd;

	if (!temporary_name(temporary, path))
		return ERR_io;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return ERR_io;
	ok = write_all(fd, data, size_bytes) && fsync(fd) == 0;
	if (close(fd) != 0)
		ok = false;
	if (ok && rename(temporary, path) == 0)
		return ERR_ok;
	unlink(temporary);
	return ERR_io;
}

static enum err
map(int fd, size_t size_bytes, int protection, struct file_map *out)
{
	/* at once, so that no worker meets a page that is not there yet */
	void *base = mmap(NULL, size_bytes, protection, MAP_SHARED | MAP_POPULATE, fd, 0);

	if (base == MAP_FAILED)
		return ERR_io;
	*out = (struct file_map){ base, size_bytes };
	return ERR_ok;
}

/*
 * Each file has one writer, so the name needs no random part; a leftover of a killed one is
 * overwritten.
 */
static bool
temporary_name(char out[FILES_PATH_MAX], const char *path)
{
	int len = snprintf(out, FILES_PATH_MAX, "%s.tmp", path);

	return len > 0 && len < FILES_PATH_MAX;
}

static bool
write_all(int fd, const void *data, size_t size_bytes)
{
	const char *at = data;

	while (size_bytes > 0) {
		ssize_t done = write(fd, at, size_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		size_bytes -= (size_t)done;
	}
	return true;
}
