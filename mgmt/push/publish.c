/*
 * Publishing a generation, in an order that leaves the previous or the new one whatever happens in
 * between:
 *
 *   1  config/N appears, whole
 *   2  the data plane is asked to adopt N; a refusal or silence ends here
 *   3  config/current is renamed to name N, for whoever starts later
 *   4  config/history gets N, so that rollback can reach it
 *   5  files that the history does not have go away
 *
 * Killed between 2 and 3, the data plane runs N while current names the one before: mgmtd sees that
 * from the stats file when it starts again, and finishes (publish_finish).
 */
#include "mgmt/push/publish.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fw/base/str.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/compile.h"
#include "mgmt/push/history.h"
#include "mgmt/push/view.h"

#define CURRENT_TEMPORARY FILES_CONFIG_CURRENT ".tmp"

/* What the run directory says now. */
struct now {
	struct publish_state state;
	struct file_map map;
	const struct generation *current; /* NULL: none, or none that this build can read */
};

static enum err
leave(struct publisher *publisher, const struct now *now, char said[PUBLISH_TEXT_BYTES]);
static void look(struct publisher *publisher, struct now *now);
static uint64_t highest_number(const char *run_dir);
static enum err publish_bytes(struct publisher *publisher, const struct generation *gen,
			      const struct now *now, char said[PUBLISH_TEXT_BYTES]);
static enum err adopt(struct publisher *publisher, uint64_t number, char said[PUBLISH_TEXT_BYTES]);
static enum err link_current(const struct publisher *publisher, uint64_t number);
static enum err make_current(struct publisher *publisher, uint64_t number, uint64_t previous,
			     bool dataplane_runs, char said[PUBLISH_TEXT_BYTES]);
static enum err restore_current(const struct publisher *publisher, uint64_t previous);
static void record(const struct publisher *publisher, uint64_t number, uint64_t unix_s);
static void tidy(const struct publisher *publisher, uint64_t current);
static bool number_path(char out[FILES_PATH_MAX], const char *run_dir, uint64_t number);
static bool make_dir(const char *path);
static uint64_t now_us(void);

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

	publisher->adopt_us = 0;
	publisher->note[0] = '\0';
	look(publisher, &now);
	publisher->number = now.state.current;
	err = compile(model, now.current, publisher->last_number + 1, now_unix_s, &gen);
	if (err != ERR_ok) {
		snprintf(said, PUBLISH_TEXT_BYTES, "can't be compiled: %s", err_text(err));
	} else if (now.current && now.current->content_hash == gen->content_hash &&
		   (now.state.running == 0 || now.state.running == now.state.current)) {
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
leave(struct publisher *publisher, const struct now *now, char said[PUBLISH_TEXT_BYTES])
{
	enum err err = ERR_ok;

	if (now->state.dataplane_lives && now->state.running == 0)
		err = adopt(publisher, now->state.current, said);
	if (err != ERR_ok && err != ERR_not_found)
		return err;
	snprintf(said, PUBLISH_TEXT_BYTES,
		 "unchanged: generation %" PRIu64 " is the same configuration", now->state.current);
	return ERR_ok;
}

static void
look(struct publisher *publisher, struct now *now)
{
	uint64_t highest = highest_number(publisher->run_dir);

	*now = (struct now){ 0 };
	publish_look(publisher, &now->state);
	if (view_generation(publisher->run_dir, &now->map, &now->current) != ERR_ok)
		now->current = NULL;
	if (highest > publisher->last_number)
		publisher->last_number = highest;
	if (now->state.running > publisher->last_number)
		publisher->last_number = now->state.running;
}

void
publish_look(const struct publisher *publisher, struct publish_state *state)
{
	char path[FILES_PATH_MAX], target[32];
	const struct stats *stats;
	struct file_map map;
	ssize_t len = -1;

	*state = (struct publish_state){ 0 };
	state->dataplane_lives = view_stats(publisher->run_dir, &map, &stats) == ERR_ok &&
				 view_is_alive(publisher->run_dir, stats);
	if (state->dataplane_lives)
		state->running = __atomic_load_n(&stats->generation, __ATOMIC_RELAXED);
	files_unmap(&map);
	if (files_path(path, publisher->run_dir, FILES_CONFIG_CURRENT))
		len = readlink(path, target, sizeof target);
	if (len > 0 &&
	    !str_to_u64((struct str){ target, (size_t)len }, UINT64_MAX / 2, &state->current))
		state->current = 0;
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
	publish_done(publisher, PUBLISH_WRITTEN);
	err = adopt(publisher, gen->number, said);
	if (err == ERR_ok || err == ERR_not_found)
		err = make_current(publisher, gen->number, now->state.current, err == ERR_ok, said);
	if (err == ERR_ok) {
		publisher->number = gen->number;
		record(publisher, gen->number, gen->created_unix_s);
		tidy(publisher, gen->number);
	} else if (err != ERR_busy) { /* without an answer it may be adopted yet, and its file is
				       * then wanted */
		unlink(path);
	}
	return err;
}

/* ERR_not_found: the data plane does not run. */
static enum err
adopt(struct publisher *publisher, uint64_t number, char said[PUBLISH_TEXT_BYTES])
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = MAILBOX_ADOPT,
					   .number = number };
	struct mailbox_reply reply;
	uint64_t asked_us = now_us();
	enum err err = ask_dataplane(publisher->run_dir, publisher->timeout_ms, &request, &reply);

	if (err == ERR_ok)
		publisher->adopt_us = now_us() - asked_us;
	if (err == ERR_busy)
		snprintf(said, PUBLISH_TEXT_BYTES, "the data plane did not answer within %u ms",
			 publisher->timeout_ms);
	else if (err != ERR_ok)
		snprintf(said, PUBLISH_TEXT_BYTES, "asking the data plane failed: %s",
			 err_text(err));
	snprintf(publisher->note, sizeof publisher->note, "%s",
		 err == ERR_ok && reply.err == ERR_ok ? reply.text : "");
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
make_current(struct publisher *publisher, uint64_t number, uint64_t previous, bool dataplane_runs,
	     char said[PUBLISH_TEXT_BYTES])
{
	enum err err;

	publish_done(publisher, PUBLISH_ADOPTED);
	err = link_current(publisher, number);
	if (err != ERR_ok) {
		snprintf(said, PUBLISH_TEXT_BYTES, "can't rename %s: %s", FILES_CONFIG_CURRENT,
			 strerror(errno));
		return err;
	}
	publish_done(publisher, PUBLISH_LINKED);
	snprintf(said, PUBLISH_TEXT_BYTES, "generation %" PRIu64 " runs%s%s", number,
		 publisher->note[0] ? "; " : "", publisher->note);
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

enum err
publish_finish(struct publisher *publisher, uint64_t number)
{
	struct publish_state state;
	struct history history;
	const struct generation *gen;
	struct file_map map;
	const char *where;
	enum err err = view_numbered(publisher->run_dir, number, &map, &gen, &where);

	if (err != ERR_ok)
		return err;
	publish_look(publisher, &state);
	history_read(publisher->run_dir, &history);
	if (state.current != number)
		err = link_current(publisher, number);
	if (err == ERR_ok) {
		publisher->number = number;
		if (history.count == 0 || history.entry[history.count - 1].number != number)
			record(publisher, number, gen->created_unix_s);
	}
	files_unmap(&map);
	return err;
}

/*
 * Without a record the generation runs as well as with it, but rollback can't reach it later: no
 * reason to refuse the commit.
 */
static void
record(const struct publisher *publisher, uint64_t number, uint64_t unix_s)
{
	const char *origin = publisher->origin ? publisher->origin : "commit";

	if (history_add(publisher->run_dir, number, unix_s, origin) != ERR_ok)
		fprintf(stderr,
			"fairlead-mgmtd: generation %" PRIu64 " is missing in the history: %s\n",
			number, strerror(errno));
	publish_done(publisher, PUBLISH_RECORDED);
}

static void
tidy(const struct publisher *publisher, uint64_t current)
{
	char path[FILES_PATH_MAX];
	struct history history;
	struct dirent *entry;
	uint64_t number;
	DIR *dir = files_path(path, publisher->run_dir, FILES_CONFIG_DIR) ? opendir(path) : NULL;

	history_read(publisher->run_dir, &history);
	while (dir && (entry = readdir(dir)))
		if (str_to_u64(str_from(entry->d_name), UINT64_MAX / 2, &number) &&
		    number != current && !history_has(&history, number))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	publish_done(publisher, PUBLISH_TIDIED);
}

void
publish_done(const struct publisher *publisher, enum publish_step step)
{
	if (publisher->step)
		publisher->step(step);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
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
