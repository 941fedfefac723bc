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
static bool from_current(struct candidate *candidate, const struct publish_state *state);
static bool from_text_or_history(struct candidate *candidate, const struct publish_state *state,
				 const char *config);
static bool from_store(struct candidate *candidate, const char *store_dir);
static bool from_history(struct candidate *candidate, const struct publish_state *state);
static bool from_config(struct candidate *candidate, const char *config);
static bool from_text(struct candidate *candidate, int fd, const char *name);
static void bring_store_up(struct candidate *candidate);
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool
restore(struct candidate *candidate, const char *config)
{
	struct publish_state state;

	publish_look(candidate->publisher, &state);
	if (candidate->store_dir)
		store_drop(candidate->store_dir);
	if (from_running(candidate, &state) || from_current(candidate, &state)) {
		bring_store_up(candidate);
		return true;
	}
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

/* A store that can't be written is no reason to carry no traffic: it comes last and is only said. */
static bool
from_text_or_history(struct candidate *candidate, const struct publish_state *state,
		     const char *config)
{
	const char *store_dir = candidate->store_dir;
	bool found;

	candidate->store_dir = NULL;
	found = from_store(candidate, store_dir) || from_history(candidate, state) ||
		from_config(candidate, config);
	candidate->store_dir = store_dir;
	if (found)
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
from_current(struct candidate *candidate, const struct publish_state *state)
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
		candidate->publisher->origin = "start";
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

static bool
from_store(struct candidate *candidate, const char *store_dir)
{
	char name[FILES_PATH_MAX];
	int fd = -1;
	enum err err = store_dir ? store_open(store_dir, &fd) : ERR_not_found;

	if (err == ERR_not_found)
		return false;
	snprintf(name, sizeof name, "%s/%s", store_dir, STORE_FILE);
	if (err == ERR_ok)
		return from_text(candidate, fd, name);
	say("can't open %s: %s", name, strerror(errno));
	return false;
}

static bool
from_history(struct candidate *candidate, const struct publish_state *state)
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
		if (commit_model(candidate, &model, "start", said) == ERR_ok) {
			say("%s", said);
			return true;
		}
		say("%s", said);
	}
	return false;
}

static bool
from_config(struct candidate *candidate, const char *config)
{
	int fd = open(config, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return from_text(candidate, fd, config);
	say("can't open %s: %s", config, strerror(errno));
	return false;
}

/* Takes fd. */
static bool
from_text(struct candidate *candidate, int fd, const char *name)
{
	char said[REQUEST_TEXT_BYTES];
	enum err err = commit_load(candidate, fd, name, "start", said);

	close(fd);
	say("%s%s", err == ERR_ok ? "" : "configuration refused:\n", said);
	return err == ERR_ok;
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
