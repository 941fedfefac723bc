/*
 * A restarted mgmtd believes the data plane first: what carries traffic is the configuration,
 * whatever any file says. Only where nothing runs is something published.
 */
#include "mgmt/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mgmt/commit.h"
#include "mgmt/push/history.h"
#include "mgmt/store.h"

static bool from_running(struct candidate *candidate, const struct publish_state *state);
static bool take_running(struct candidate *candidate, uint64_t number, uint64_t current);
static bool
from_current(struct candidate *candidate, const struct publish_state *state, const char *origin);
static bool from_text_or_history(struct candidate *candidate, const struct publish_state *state,
				 const char *config);
static enum stored
from_store(struct candidate *candidate, const char *store_dir, struct model *refused);
static void keep_refused(const struct candidate *candidate, const char *store_dir, const char *said,
			 bool is_right);
static bool
from_history(struct candidate *candidate, const struct publish_state *state, const char *origin);
static bool from_config(struct candidate *candidate, const char *config, struct model *refused,
			const char *origin);
static void keep_management(struct model *model, struct model *refused);
static bool is_fallback(const struct candidate *candidate);
static void write_status(const struct candidate *candidate, const char *text);
static void bring_store_up(struct candidate *candidate);
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define FALLBACK "fallback" /* origin of what runs in the place of the stored text */

/* What became of the stored text. */
enum stored {
	STORED_NOWHERE,
	STORED_RUNS,
	STORED_WAITS, /* the data plane has not answered yet */
	STORED_REFUSED,
	STORED_DAMAGED
};

bool
restore(struct candidate *candidate, const char *config)
{
	bool fallback = is_fallback(candidate);
	struct publish_state state;

	publish_look(candidate->publisher, &state);
	if (candidate->store_dir)
		store_drop(candidate->store_dir);
	if (from_running(candidate, &state) ||
	    from_current(candidate, &state, fallback ? FALLBACK : "start")) {
		if (!fallback)
			bring_store_up(candidate);
		return true;
	}
	write_status(candidate, "");
	if (from_text_or_history(candidate, &state, config))
		return true;
	if (state.running)
		say("what the data plane runs goes on, but nobody can say what it is; load a "
		    "configuration");
	return state.running != 0;
}

void
restore_follow(struct candidate *candidate)
{
	struct publish_state state;

	publish_look(candidate->publisher, &state);
	if (state.running > candidate->running_number &&
	    take_running(candidate, state.running, state.current))
		bring_store_up(candidate);
}

/*
 * A store that can't be written is no reason to carry no traffic: it comes last and is only said. What runs in the place of
 * a text that is right does not come into the store at all.
 */
static bool
from_text_or_history(struct candidate *candidate, const struct publish_state *state,
		     const char *config)
{
	const char *store_dir = candidate->store_dir, *origin;
	struct model refused = { 0 };
	enum stored stored;
	bool found;

	candidate->store_dir = NULL;
	stored = from_store(candidate, store_dir, &refused);
	origin = stored == STORED_REFUSED ? FALLBACK : "start";
	found = stored == STORED_RUNS || stored == STORED_WAITS ||
		from_history(candidate, state, origin) ||
		from_config(candidate, config, &refused, origin);
	candidate->store_dir = store_dir;
	model_free(&refused);
	if (found && stored != STORED_REFUSED && stored != STORED_WAITS)
		bring_store_up(candidate);
	return found;
}

static bool
from_running(struct candidate *candidate, const struct publish_state *state)
{
	if (!state->running || !take_running(candidate, state->running, state->current))
		return false;
	say("generation %" PRIu64 " runs and stays", state->running);
	return true;
}

static bool
take_running(struct candidate *candidate, uint64_t number, uint64_t current)
{
	char why[HISTORY_WHY_BYTES];
	struct model model;

	if (history_model(candidate->publisher->run_dir, number, &model, why) != ERR_ok) {
		say("the data plane runs generation %" PRIu64 ", but %s", number, why);
		return false;
	}
	candidate->publisher->origin = "interrupted";
	if (publish_finish(candidate->publisher, number) != ERR_ok)
		say("can't make generation %" PRIu64 " the current one: %s", number,
		    strerror(errno));
	else if (current != number)
		say("the commit of generation %" PRIu64 " was interrupted; it is finished now",
		    number);
	candidate->publisher->origin = NULL;
	return candidate_runs_beside(candidate, &model, number) == ERR_ok;
}

/* A data plane that lives and runs nothing, or nothing that can be read, gets it. */
static bool
from_current(struct candidate *candidate, const struct publish_state *state, const char *origin)
{
	char why[HISTORY_WHY_BYTES], said[PUBLISH_TEXT_BYTES];
	struct model model;
	enum err err = ERR_ok;

	if (!state->current || state->current == state->running)
		return false;
	if (history_model(candidate->publisher->run_dir, state->current, &model, why) != ERR_ok) {
		say("%s", why);
		return false;
	}
	candidate->publisher->origin = "interrupted";
	err = publish_finish(candidate->publisher, state->current);
	if (err == ERR_ok && state->dataplane_lives) {
		candidate->publisher->origin = origin;
		err = publish(candidate->publisher, &model, (uint64_t)time(NULL), said);
		say("%s", said);
	} else if (err == ERR_ok) {
		say("generation %" PRIu64 " is ready; the data plane is not running",
		    state->current);
	}
	candidate->publisher->origin = NULL;
	if (err != ERR_ok)
		say("generation %" PRIu64 " stays the current one", state->current);
	return candidate_is_running(candidate, &model, candidate->publisher->number) == ERR_ok;
}

/* Gives refused its model if that is what happened. */
static enum stored
from_store(struct candidate *candidate, const char *store_dir, struct model *refused)
{
	char name[FILES_PATH_MAX], said[REQUEST_TEXT_BYTES];
	struct model model;
	int fd = -1;
	enum err err = store_dir ? store_open(store_dir, &fd) : ERR_not_found;

	if (err == ERR_not_found)
		return STORED_NOWHERE;
	snprintf(name, sizeof name, "%s/%s", store_dir, STORE_FILE);
	if (err != ERR_ok) {
		say("can't open %s: %s", name, strerror(errno));
		return STORED_NOWHERE;
	}
	err = commit_read(fd, name, &model, said);
	close(fd);
	if (err != ERR_ok) {
		keep_refused(candidate, store_dir, said, false);
		return STORED_DAMAGED;
	}
	if (!model_copy(&model, refused))
		*refused = (struct model){ 0 };
	err = commit_model(candidate, &model, "start", said);
	say("%s: %s", name, said);
	if (err == ERR_ok || err == ERR_busy)
		return err == ERR_ok ? STORED_RUNS : STORED_WAITS;
	keep_refused(candidate, store_dir, said, true);
	return STORED_REFUSED;
}

/* is_right: as a text, but the data plane did not take it. */
static void
keep_refused(const struct candidate *candidate, const char *store_dir, const char *said,
	     bool is_right)
{
	char text[REQUEST_TEXT_BYTES + 400];

	snprintf(
	    text, sizeof text,
	    "The stored configuration %s: %s\nIt is kept in %s/%s%s; the box runs without it.\n",
	    is_right ? "can't run here" : "is damaged", said, store_dir, STORE_REFUSED,
	    is_right ? " and tried again at the next start, unless another one is committed" : "");
	say("%s", text);
	write_status(candidate, text);
	if (store_set_aside(store_dir) != ERR_ok)
		say("%s/%s can't be written: %s", store_dir, STORE_REFUSED, strerror(errno));
}

static bool
from_history(struct candidate *candidate, const struct publish_state *state, const char *origin)
{
	char why[HISTORY_WHY_BYTES], said[REQUEST_TEXT_BYTES];
	struct history history;
	struct model model;

	history_read(candidate->publisher->run_dir, &history);
	while (history.count-- > 0) {
		uint64_t number = history.entry[history.count].number;

		if (number == state->current || number == state->running)
			continue;
		if (history_model(candidate->publisher->run_dir, number, &model, why) != ERR_ok) {
			say("%s", why);
			continue;
		}
		say("back to generation %" PRIu64, number);
		if (commit_model(candidate, &model, origin, said) == ERR_ok) {
			say("%s", said);
			return true;
		}
		say("%s", said);
	}
	return false;
}

static bool
from_config(struct candidate *candidate, const char *config, struct model *refused,
	    const char *origin)
{
	int fd = open(config, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char said[REQUEST_TEXT_BYTES];
	struct model model;
	enum err err;

	if (fd < 0) {
		say("can't open %s: %s", config, strerror(errno));
		return false;
	}
	err = commit_read(fd, config, &model, said);
	close(fd);
	if (err == ERR_ok) {
		keep_management(&model, refused);
		err = commit_model(candidate, &model, origin, said);
	}
	say("%s: %s%s", config, err == ERR_ok ? "" : "configuration refused:\n", said);
	return err == ERR_ok;
}

/* So that whoever is to mend it can reach the box. Takes refused's management addresses if they fit. */
static void
keep_management(struct model *model, struct model *refused)
{
	struct model_management_address *own = model->management_addresses;
	struct errors errors = { 0 };

	if (refused->management_address_count == 0 || model->management_address_count > 0)
		return;
	model->management_addresses = refused->management_addresses;
	model->management_address_count = refused->management_address_count;
	refused->management_addresses = own;
	refused->management_address_count = 0;
	if (!model_validate(model, &errors))
		model->management_address_count = 0;
}

/* Whether what was made current last stands in for a stored text. */
static bool
is_fallback(const struct candidate *candidate)
{
	struct history history;

	history_read(candidate->publisher->run_dir, &history);
	return history.count > 0 && strcmp(history.entry[history.count - 1].origin, FALLBACK) == 0;
}

/* For the console, which shows it before the login; no text: nothing is wrong. */
static void
write_status(const struct candidate *candidate, const char *text)
{
	char path[FILES_PATH_MAX];

	if (!files_path(path, candidate->publisher->run_dir, FILES_MGMTD_STATUS))
		return;
	if (!*text)
		(void)unlink(path);
	else if (files_write_atomic(path, text, strlen(text)) != ERR_ok)
		say("can't write %s: %s", path, strerror(errno));
}

static void
bring_store_up(struct candidate *candidate)
{
	char said[REQUEST_TEXT_BYTES] = "";
	char *text = candidate->store_dir ? model_save(&candidate->running) : NULL;
	bool stored = !text || store_has(candidate->store_dir, text);

	free(text);
	if (stored)
		return;
	if (commit_store(candidate, said) == ERR_ok)
		say("%s/%s is now what runs", candidate->store_dir, STORE_FILE);
	else
		say("%s", said);
}

static void
say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("fairlead-mgmtd: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}
