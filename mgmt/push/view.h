/*
 * What lies in the run directory, mapped read-only and checked: for mgmtd, which must know what
 * runs, and for `show`, which asks nobody.
 */
#ifndef MGMT_PUSH_VIEW_H
#define MGMT_PUSH_VIEW_H

#include <stdbool.h>

#include "fw/abi/files.h"
#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"

/*
 * Each maps one file. ERR_not_found, ERR_io, ERR_version (made by another build), ERR_corrupt.
 * Gives the mapping (files_unmap), *out lends from it.
 */
enum err view_generation(const char *run_dir, struct file_map *map, const struct generation **out)
    __attribute__((warn_unused_result));
/*
 * Of one number, whether it runs or not. ERR_corrupt: *where lends a constant that names the first
 * thing found wrong, NULL: there is nothing in it.
 */
enum err view_numbered(const char *run_dir, uint64_t number, struct file_map *map,
		       const struct generation **out, const char **where)
    __attribute__((warn_unused_result));
enum err view_stats(const char *run_dir, struct file_map *map, const struct stats **out)
    __attribute__((warn_unused_result));
enum err view_health(const char *run_dir, struct file_map *map, struct health_table **out)
    __attribute__((warn_unused_result));
/* Whether the process that writes the file still lives: it holds the data plane's lock. */
bool view_is_alive(const char *run_dir, const struct stats *stats);

#endif
