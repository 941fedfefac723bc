/*
 * Names below the run directory (/run/fairlead on the appliance), and how its files are written: a
 * new file is complete before it gets its name, so that no reader ever maps half of one.
 */
#ifndef FW_ABI_FILES_H
#define FW_ABI_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "fw/base/err.h"

#define FILES_RUN_DIR          "/run/fairlead"
#define FILES_CONFIG_DIR       "config"         /* generations, by number */
#define FILES_CONFIG_CURRENT   "config/current" /* symbolic link to the number that runs */
#define FILES_STATS            "stats"
#define FILES_HEALTH           "health"
#define FILES_DATAPLANE_SOCKET "dataplane.sock"
#define FILES_MGMTD_SOCKET     "mgmtd.sock"
/* Lines for people, shown on the console before the login: what is wrong; no file: nothing is. */
#define FILES_DATAPLANE_STATUS "dataplane.status"
#define FILES_MGMTD_STATUS     "mgmtd.status"
#define FILES_ADMIN_SOCKET     "admin.sock" /* fw/services/admin.h says what is asked there */
#define FILES_DATAPLANE_LOCK   "dataplane.lock"
#define FILES_MGMTD_LOCK       "mgmtd.lock"
#define FILES_PATH_MAX         256

/* A mapped file; base NULL when there is none. */
struct file_map {
	void *base;
	size_t size_bytes;
};

/* Joins run_dir and name into out; false if it does not fit. */
_Bool files_path(char out[FILES_PATH_MAX], const char *run_dir, const char *name);
/*
 * Makes this process the only holder of a lock in run_dir, for its life. ERR_busy: another one has
 * it. ERR_io: errno says why.
 */
enum err files_lock(const char *run_dir, const char *name) __attribute__((warn_unused_result));
/*
 * Whether a process holds that lock. Takes nothing, so that no start ever fails for being looked
 * at. A lock that this process may not look at counts as held.
 */
_Bool files_is_locked(const char *run_dir, const char *name);
/*
 * Maps an existing file read-only. ERR_not_found, ERR_io. Gives the mapping; unmap with
 * files_unmap.
 */
enum err files_map_read(const char *path, struct file_map *map) __attribute__((warn_unused_result));
/*
 * Maps a file of exactly size_bytes for writing: an existing one of that size is kept with its
 * content (*existed true), another is replaced by a zeroed one under the same name. ERR_io. Gives
 * the mapping.
 */
enum err files_map_write(const char *path, size_t size_bytes, struct file_map *map, _Bool *existed)
    __attribute__((warn_unused_result));
void files_unmap(struct file_map *map);
/*
 * Writes data to path so that it appears whole or not at all (temporary name, fsync, rename).
 * ERR_io. Borrows data.
 */
enum err files_write_atomic(const char *path, const void *data, size_t size_bytes)
    __attribute__((warn_unused_result));

#endif
