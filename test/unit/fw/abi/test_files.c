/* Files of the run directory: whole or not at all, mapped or refused. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static char dir[] = "/tmp/fairlead-unit-XXXXXX";
static bool dir_made;

static const char *
path(const char *name)
{
	static char out[4][FILES_PATH_MAX];
	static unsigned next;

	if (!dir_made)
		ASSERT(mkdtemp(dir));
	dir_made = true;
	next = (next + 1) % 4;
	ASSERT(files_path(out[next], dir, name));
	return out[next];
}

static void
path_too_long_is_refused(void)
{
	char out[FILES_PATH_MAX], longer[FILES_PATH_MAX + 1];

	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	CU_ASSERT_FALSE(files_path(out, longer, "stats"));
	CU_ASSERT_TRUE(files_path(out, "/run/fairlead", "stats"));
	CU_ASSERT_STRING_EQUAL(out, "/run/fairlead/stats");
}

static void
lock_is_given_to_one_only(void)
{
	path("lock");
	CU_ASSERT_EQUAL(files_lock(dir, "lock"), ERR_ok);
	CU_ASSERT_EQUAL(files_lock(dir, "lock"), ERR_busy);
	CU_ASSERT_EQUAL(files_lock(dir, "other"), ERR_ok);
	CU_ASSERT_EQUAL(files_lock("/nonexistent", "lock"), ERR_io);
	unlink(path("lock"));
	unlink(path("other"));
}

static void
lock_is_looked_at_without_being_taken(void)
{
	path("lock");
	CU_ASSERT_FALSE(files_is_locked(dir, "lock"));
	ASSERT(files_write_atomic(path("lock"), "", 0) == ERR_ok);
	CU_ASSERT_FALSE(files_is_locked(dir, "lock"));
	CU_ASSERT_EQUAL(files_lock(dir, "lock"), ERR_ok);
	CU_ASSERT_TRUE(files_is_locked(dir, "lock"));
	CU_ASSERT_TRUE(files_is_locked(dir, "lock"));
	CU_ASSERT_FALSE(files_is_locked("/nonexistent", "lock"));
	unlink(path("lock"));
}

static void
written_is_read_back_and_leaves_no_temporary(void)
{
	const char *name = path("a");
	struct file_map map;

	CU_ASSERT_EQUAL(files_write_atomic(name, "first", 5), ERR_ok);
	CU_ASSERT_EQUAL(files_write_atomic(name, "second", 6), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(files_map_read(name, &map), ERR_ok);
	CU_ASSERT_EQUAL(map.size_bytes, 6);
	CU_ASSERT_EQUAL(memcmp(map.base, "second", 6), 0);
	files_unmap(&map);
	CU_ASSERT_PTR_NULL(map.base);
	CU_ASSERT_NOT_EQUAL(access(path("a.tmp"), F_OK), 0);
	unlink(name);
}

static void
failed_write_leaves_the_old_file(void)
{
	const char *name = path("kept");
	struct file_map map;

	CU_ASSERT_EQUAL(files_write_atomic(name, "old", 3), ERR_ok);
	CU_ASSERT_EQUAL(mkdir(path("kept.tmp"), 0700), 0); /* in the way of the temporary name */
	CU_ASSERT_EQUAL(files_write_atomic(name, "new", 3), ERR_io);
	CU_ASSERT_EQUAL_FATAL(files_map_read(name, &map), ERR_ok);
	CU_ASSERT_EQUAL(memcmp(map.base, "old", 3), 0);
	files_unmap(&map);
	rmdir(path("kept.tmp"));
	unlink(name);
}

static void
missing_empty_and_odd_files_are_refused(void)
{
	struct file_map map;

	CU_ASSERT_EQUAL(files_map_read(path("missing"), &map), ERR_not_found);
	CU_ASSERT_PTR_NULL(map.base);
	CU_ASSERT_EQUAL(files_write_atomic(path("empty"), "", 0), ERR_ok);
	CU_ASSERT_EQUAL(files_map_read(path("empty"), &map), ERR_corrupt);
	CU_ASSERT_EQUAL(mkfifo(path("fifo"), 0600), 0);
	CU_ASSERT_EQUAL(files_map_read(path("fifo"), &map),
			ERR_io); /* and does not wait for a writer */
	CU_ASSERT_EQUAL(files_map_read(dir, &map), ERR_io);
	CU_ASSERT_EQUAL(symlink("loop", path("loop")), 0);
	CU_ASSERT_EQUAL(files_map_read(path("loop"), &map), ERR_io);
	unlink(path("empty"));
	unlink(path("fifo"));
	unlink(path("loop"));
}

static void
writable_file_of_the_same_size_keeps_its_content(void)
{
	const char *name = path("w");
	struct file_map map;
	_Bool existed = 1;

	CU_ASSERT_EQUAL_FATAL(files_map_write(name, 8192, &map, &existed), ERR_ok);
	CU_ASSERT_FALSE(existed);
	CU_ASSERT_EQUAL(((char *)map.base)[8191], 0);
	((char *)map.base)[8191] = 'x';
	files_unmap(&map);
	CU_ASSERT_EQUAL_FATAL(files_map_write(name, 8192, &map, &existed), ERR_ok);
	CU_ASSERT_TRUE(existed);
	CU_ASSERT_EQUAL(((char *)map.base)[8191], 'x');
	files_unmap(&map);
	unlink(name);
}

/* A reader that has the old one mapped must not have it cut under its feet. */
static void
writable_file_of_another_size_is_replaced_not_cut(void)
{
	const char *name = path("w");
	struct file_map old, map;
	_Bool existed = 1;

	CU_ASSERT_EQUAL(files_write_atomic(name, "of another size", 15), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(files_map_read(name, &old), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(files_map_write(name, 4096, &map, &existed), ERR_ok);
	CU_ASSERT_FALSE(existed);
	CU_ASSERT_EQUAL(((char *)map.base)[0], 0);
	CU_ASSERT_EQUAL(memcmp(old.base, "of another size", 15), 0);
	files_unmap(&old);
	files_unmap(&map);
	unlink(name);
	CU_ASSERT_EQUAL(rmdir(dir), 0); /* the last test: nothing is left over */
}

CU_TestInfo test_files[] = {
	{ "files_path_too_long_is_refused", path_too_long_is_refused },
	{ "files_lock_is_given_to_one_only", lock_is_given_to_one_only },
	{ "files_lock_is_looked_at_without_being_taken", lock_is_looked_at_without_being_taken },
	{ "files_written_is_read_back_and_leaves_no_temporary",
	  written_is_read_back_and_leaves_no_temporary },
	{ "files_failed_write_leaves_the_old_file", failed_write_leaves_the_old_file },
	{ "files_missing_empty_and_odd_files_are_refused",
	  missing_empty_and_odd_files_are_refused },
	{ "files_writable_file_of_the_same_size_keeps_its_content",
	  writable_file_of_the_same_size_keeps_its_content },
	{ "files_writable_file_of_another_size_is_replaced_not_cut",
	  writable_file_of_another_size_is_replaced_not_cut },
	CU_TEST_INFO_NULL,
};
