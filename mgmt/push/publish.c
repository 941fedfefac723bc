/*
 * Publishing a generation, in an order that leaves the previous or the new one whatever happens in
 * between:
 *
 *   1  config/N appears, whole
 *   2  the data plane is asked to adopt N; a refusal or silence ends here
 *   3  config/current is renamed to name N, for whoever starts later
 *   4  files that are neither the current nor the previous generation go away
 *
 * Killed between 2 and 3, the data plane runs N while current names the one before: the next
 * publish sees from the stats file that what runs is not what current names, and publishes again.
 */
#include "mgmt/push/publish.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fw/base/str.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/compile.h"
#include "mgmt/push/view.h"

#define CURRENT_TEMPORARY FILES_CONFIG_CURRENT ".tmp"

/* What the run directory says now. */
struct now {
	struct file_map map;
	const struct generation *current; /* NULL: none, or none that this build can read */
	uint64_t current_number;          /* 0: none */
	bool dataplane_lives;
	uint64_t running_number; /* in the data plane; 0: it does not live, or runs none */
};

static enum err
leave(const struct publisher *publisher, const struct now *now, char said[PUBLISH_TEXT_BYTES]);
static void look(struct publisher *publisher, struct now *now);
static uint64_t running_number(const char *run_dir, bool *lives);
static uint64_t highest_number(const char *run_dir);
static enum err publish_bytes(struct publisher *publisher, const struct generation *gen,
			      const struct now *now, char said[PUBLISH_TEXT_BYTES]);
static enum err
adopt(const struct publisher *publisher, uint64_t number, char said[PUBLISH_TEXT_BYTES]);
static enum err link_current(const struct publisher *publisher, uint64_t number);
static enum err make_current(const struct publisher *publisher, uint64_t number, uint64_t previous,
			     bool dataplane_runs, char said[PUBLISH_TEXT_BYTES]);
static enum err restore_current(const struct publisher *publisher, uint64_t previous);
static void tidy(const struct publisher *publisher, uint64_t keep, uint64_t keep_too);
static bool number_path(char out[FILES_PATH_MAX], const char *run_dir, uint64_t number);
static bool make_dir(const char *path);

enum err
publish_open(struct publisher *publisher, const char *run_dir, unsigned timeout_ms)
{
	char path[FILES_PATH_MAX];

	*publisher = (struct publisher){ .timeout_ms = timeout_ms };
	/* Room for the longest name below it. */
	if (snprintf(publisher->run_dir, sizeof publisher->run_dir, "%s", run_dir) >=
		FILES_PATH_MAX - 48 ||
	    !files_path(path, run_dir, FILES_CONFIG_DIR))
		return ERR_too_long;
	return make_dir(run_dir) && make_dir(path) ? ERR_ok : ERR_io;
}

enum err
publish(struct publisher *publisher, const struct model *model, uint64_t now_unix_s,
	char said[PUBLISH_TEXT_BYTES])
{
	struct generation *gen = NULL;
	struct now now;
	enum err err;

	look(publisher, &now);
	err = compile(model, now.current, publisher->last_number + 1, now_unix_s, &gen);
	if (err != ERR_ok) {
		snprintf(said, PUBLISH_TEXT_BYTES, "can't be compiled: %s", err_text(err));
	} else if (now.current && now.current->content_hash == gen->content_hash &&
		   (now.running_number == 0 || now.running_number == now.current_number)) {
		err = leave(publisher, &now, said);
	} else {
		publisher->last_number++;
		err = publish_bytes(publisher, gen, &now, said);
	}
	free(gen);
	files_unmap(&now.map);
	return err;
}

/*
 * Nothing to publish. A data plane that lives and runs nothing could not use this generation when
 * it started; maybe it can now, or says why not.
 */
static enum err
leave(const struct publisher *publisher, const struct now *now, char said[PUBLISH_TEXT_BYTES])
{
	enum err err = ERR_ok;

	if (now->dataplane_lives && now->running_number == 0)
		err = adopt(publisher, now->current_number, said);
	if (err != ERR_ok && err != ERR_not_found)
		return err;
	snprintf(said, PUBLISH_TEXT_BYTES,
		 "unchanged: generation %" PRIu64 " is the same configuration",
		 now->current_number);
	return ERR_ok;
}

static void
look(struct publisher *publisher, struct now *now)
{
	char path[FILES_PATH_MAX], target[32];
	ssize_t len = -1;
	uint64_t highest = highest_number(publisher->run_dir);

	*now = (struct now){ 0 };
	now->running_number = running_number(publisher->run_dir, &now->dataplane_lives);
	if (view_generation(publisher->run_dir, &now->map, &now->current) != ERR_ok)
		now->current = NULL;
	if (files_path(path, publisher->run_dir, FILES_CONFIG_CURRENT))
		len = readlink(path, target, sizeof target);
	if (len > 0 &&
	    !str_to_u64((struct str){ target, (size_t)len }, UINT64_MAX / 2, &now->current_number))
		now->current_number = 0;
	if (highest > publisher->last_number)
		publisher->last_number = highest;
	if (now->running_number > publisher->last_number)
		publisher->last_number = now->running_number;
}

static uint64_t
running_number(const char *run_dir, bool *lives)
{
	const struct stats *stats;
	struct file_map map;
	uint64_t number = 0;

	*lives = view_stats(run_dir, &map, &stats) == ERR_ok && view_is_alive(stats);
	if (*lives)
		number = __atomic_load_n(&stats->generation, __ATOMIC_RELAXED);
	files_unmap(&map);
	return number;
}

static uint64_t
highest_number(const char *run_dir)
{
	char path[FILES_PATH_MAX];
	uint64_t highest = 0, number;
	struct dirent *entry;
	DIR *dir = files_path(path, run_dir, FILES_CONFIG_DIR) ? opendir(path) : NULL;

	while (dir && (entry = readdir(dir)))
		if (str_to_u64(str_from(entry->d_name), UINT64_MAX / 2, &number) &&
		    number > highest)
			highest = number;
	if (dir)
		closedir(dir);
	return highest;
}

static enum err
publish_bytes(struct publisher *publisher, const struct generation *gen, const struct now *now,
	      char said[PUBLISH_TEXT_BYTES])
{
	char path[FILES_PATH_MAX];
	enum err err = ERR_too_long;

	if (number_path(path, publisher->run_dir, gen->number))
		err = files_write_atomic(path, gen, gen->total_bytes);
	if (err != ERR_ok) {
		snprintf(said, PUBLISH_TEXT_BYTES, "can't write %s: %s", path, strerror(errno));
		return err;
	}
	err = adopt(publisher, gen->number, said);
	if (err == ERR_ok || err == ERR_not_found)
		err =
		    make_current(publisher, gen->number, now->current_number, err == ERR_ok, said);
	if (err == ERR_ok)
		tidy(publisher, gen->number, now->current_number);
	else if (err != ERR_busy) /* without an answer it may be adopted yet, and its file is then
				     wanted */
		unlink(path);
	return err;
}

/* ERR_not_found: the data plane does not run. */
static enum err
adopt(const struct publisher *publisher, uint64_t number, char said[PUBLISH_TEXT_BYTES])
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = MAILBOX_ADOPT,
					   .number = number };
	struct mailbox_reply reply;
	enum err err = ask_dataplane(publisher->run_dir, publisher->timeout_ms, &request, &reply);

	if (err == ERR_busy)
		snprintf(said, PUBLISH_TEXT_BYTES, "the data plane did not answer within %u ms",
			 publisher->timeout_ms);
	else if (err != ERR_ok)
		snprintf(said, PUBLISH_TEXT_BYTES, "asking the data plane failed: %s",
			 err_text(err));
	if (err != ERR_ok || reply.err == ERR_ok)
		return err;
	snprintf(said, PUBLISH_TEXT_BYTES, "the data plane refused it: %s",
		 reply.text[0] ? reply.text : err_text((enum err)reply.err));
	return reply.err == ERR_not_found || reply.err == ERR_busy ? ERR_invalid
								   : (enum err)reply.err;
}

/*
 * A data plane that was not there may have started meanwhile and loaded the previous generation: it
 * is asked once more when current has moved, and if it then refuses, current moves back. Asking for
 * what it runs already does no harm.
 */
static enum err
make_current(const struct publisher *publisher, uint64_t number, uint64_t previous,
	     bool dataplane_runs, char said[PUBLISH_TEXT_BYTES])
{
	enum err err = link_current(publisher, number);

	if (err != ERR_ok) {
		snprintf(said, PUBLISH_TEXT_BYTES, "can't rename %s: %s", FILES_CONFIG_CURRENT,
			 strerror(errno));
		return err;
	}
	snprintf(said, PUBLISH_TEXT_BYTES, "generation %" PRIu64 " runs", number);
	if (dataplane_runs)
		return ERR_ok;
	err = adopt(publisher, number, said);
	if (err == ERR_not_found) {
		snprintf(said, PUBLISH_TEXT_BYTES,
			 "generation %" PRIu64
			 " is ready; the data plane is not running and loads it when it starts",
			 number);
		return ERR_ok;
	}
	if (err != ERR_ok && restore_current(publisher, previous) != ERR_ok)
		snprintf(said, PUBLISH_TEXT_BYTES,
			 "the data plane refused it and %s can't be moved back: %s",
			 FILES_CONFIG_CURRENT, strerror(errno));
	return err;
}

/* To the previous generation, 0: to none. */
static enum err
restore_current(const struct publisher *publisher, uint64_t previous)
{
	char path[FILES_PATH_MAX];

	if (previous)
		return link_current(publisher, previous);
	return files_path(path, publisher->run_dir, FILES_CONFIG_CURRENT) && unlink(path) == 0
		   ? ERR_ok
		   : ERR_io;
}

static enum err
link_current(const struct publisher *publisher, uint64_t number)
{
	char target[32], temporary[FILES_PATH_MAX], path[FILES_PATH_MAX];

	if (!files_path(temporary, publisher->run_dir, CURRENT_TEMPORARY) ||
	    !files_path(path, publisher->run_dir, FILES_CONFIG_CURRENT))
		return ERR_too_long;
	snprintf(target, sizeof target, "%" PRIu64, number);
	if (unlink(temporary) != 0 && errno != ENOENT)
		return ERR_io;
	return symlink(target, temporary) == 0 && rename(temporary, path) == 0 ? ERR_ok : ERR_io;
}

static void
tidy(const struct publisher *publisher, uint64_t keep, uint64_t keep_too)
{
	char path[FILES_PATH_MAX];
	struct dirent *entry;
	uint64_t number;
	DIR *dir = files_path(path, publisher->run_dir, FILES_CONFIG_DIR) ? opendir(path) : NULL;

	while (dir && (entry = readdir(dir)))
		if (str_to_u64(str_from(entry->d_name), UINT64_MAX / 2, &number) &&
		    number != keep && number != keep_too)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static bool
number_path(char out[FILES_PATH_MAX], const char *run_dir, uint64_t number)
{
	char name[48];

	snprintf(name, sizeof name, "%s/%" PRIu64, FILES_CONFIG_DIR, number);
	return files_path(out, run_dir, name);
}

static bool
make_dir(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}
