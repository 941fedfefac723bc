/*
 * Mapping the run directory's files for readers.
 */
#include "mgmt/push/view.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static enum err view_named(const char *run_dir, const char *name, struct file_map *map,
			   const struct generation **out, const char **where);
static enum err map_file(const char *run_dir, const char *name, struct file_map *map);
static enum err
check(const struct file_map *map, size_t size_bytes, uint64_t magic, uint64_t layout_hash);

enum err
view_generation(const char *run_dir, struct file_map *map, const struct generation **out)
{
	const char *where;

	return view_named(run_dir, FILES_CONFIG_CURRENT, map, out, &where);
}

enum err
view_numbered(const char *run_dir, uint64_t number, struct file_map *map,
	      const struct generation **out, const char **where)
{
	char name[48];

	snprintf(name, sizeof name, "%s/%" PRIu64, FILES_CONFIG_DIR, number);
	return view_named(run_dir, name, map, out, where);
}

static enum err
view_named(const char *run_dir, const char *name, struct file_map *map,
	   const struct generation **out, const char **where)
{
	enum err err = map_file(run_dir, name, map);

	*out = NULL;
	*where = NULL;
	if (err != ERR_ok)
		return err;
	err = generation_check(map->base, map->size_bytes, where);
	if (err == ERR_ok)
		*out = map->base;
	else
		files_unmap(map);
	return err;
}

enum err
view_stats(const char *run_dir, struct file_map *map, const struct stats **out)
{
	enum err err = map_file(run_dir, FILES_STATS, map);

	*out = NULL;
	if (err == ERR_ok)
		err = check(map, sizeof(struct stats), STATS_MAGIC, stats_layout_hash());
	if (err == ERR_ok)
		*out = map->base;
	else
		files_unmap(map);
	return err;
}

enum err
view_health(const char *run_dir, struct file_map *map, struct health_table **out)
{
	enum err err = map_file(run_dir, FILES_HEALTH, map);

	*out = NULL;
	if (err == ERR_ok)
		err = check(map, sizeof(struct health_table), HEALTH_MAGIC, health_layout_hash());
	if (err == ERR_ok)
		*out = map->base;
	else
		files_unmap(map);
	return err;
}

/*
 * The lock alone may be that of a successor that has not got to the file yet, the process alone
 * another one that was given the dead one's number.
 */
bool
view_is_alive(const char *run_dir, const struct stats *stats)
{
	pid_t pid = (pid_t)stats->pid;

	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) &&
	       files_is_locked(run_dir, FILES_DATAPLANE_LOCK);
}

static enum err
map_file(const char *run_dir, const char *name, struct file_map *map)
{
	char path[FILES_PATH_MAX];

	*map = (struct file_map){ NULL, 0 };
	return files_path(path, run_dir, name) ? files_map_read(path, map) : ERR_too_long;
}

/*
 * Both files start with magic and layout hash. Another size with the right magic is another
 * build's. The magic is written last: until then the data plane is not there.
 */
static enum err
check(const struct file_map *map, size_t size_bytes, uint64_t magic, uint64_t layout_hash)
{
	const uint64_t *head = map->base;
	uint64_t found;

	if (map->size_bytes < 2 * sizeof *head)
		return ERR_corrupt;
	found = __atomic_load_n(&head[0], __ATOMIC_ACQUIRE);
	if (found == 0 && map->size_bytes == size_bytes)
		return ERR_not_found;
	if (found != magic)
		return ERR_corrupt;
	return head[1] == layout_hash && map->size_bytes == size_bytes ? ERR_ok : ERR_version;
}
