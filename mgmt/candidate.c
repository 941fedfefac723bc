/*
 * The candidate. It lives in memory only: a restarted mgmtd starts with what runs, and what was not
 * committed is gone.
 */
#include "mgmt/candidate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/model/edit.h"
#include "mgmt/push/history.h"

_Static_assert(REQUEST_LINE_BYTES == EDIT_LINE_BYTES, "each line that can be asked can be edited");

static void say_errors(const struct errors *errors, char said[REQUEST_TEXT_BYTES]);
static uint32_t
reachable(const struct candidate *candidate, struct history *history, uint32_t *newest);

void
candidate_init(struct candidate *candidate, struct publisher *publisher, const char *store_dir)
{
	*candidate = (struct candidate){ .publisher = publisher, .store_dir = store_dir };
}

void
candidate_free(struct candidate *candidate)
{
	model_free(&candidate->running);
	model_free(&candidate->model);
}

enum err
candidate_edit(struct candidate *candidate, const char *line, char said[REQUEST_TEXT_BYTES])
{
	struct errors errors = { 0 };

	said[0] = '\0';
	if (model_edit(&candidate->model, line, &errors)) {
		candidate->edits++;
		return ERR_ok;
	}
	say_errors(&errors, said);
	return ERR_invalid;
}

enum err
candidate_validate(const struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
{
	const struct model *model = &candidate->model;
	struct errors errors = { 0 };

	if (!model_validate(model, &errors)) {
		say_errors(&errors, said);
		return ERR_invalid;
	}
	snprintf(
	    said, REQUEST_TEXT_BYTES,
	    "the candidate is good; ports %u, routes %u, monitors %u, tcp profiles %u, pools %u, "
	    "members %u, virtual servers %u",
	    model->port_count, model->route_count, model->monitor_count, model->tcp_profile_count,
	    model->pool_count, model->member_count, model->virtual_server_count);
	return ERR_ok;
}

enum err
candidate_rollback(struct candidate *candidate, uint32_t n, char said[REQUEST_TEXT_BYTES])
{
	char why[HISTORY_WHY_BYTES];
	struct history history;
	struct model model;
	uint32_t newest, count = reachable(candidate, &history, &newest);
	enum err err;

	if (n > 0 && n >= count) {
		snprintf(said, REQUEST_TEXT_BYTES,
			 "there is no configuration %u; the history reaches from 0 to %u", n,
			 count ? count - 1 : 0);
		return ERR_not_found;
	}
	if (n == 0) {
		snprintf(said, REQUEST_TEXT_BYTES,
			 candidate->edits ? "the candidate is what runs again"
					  : "the candidate is what runs");
		err = model_copy(&candidate->running, &model) ? ERR_ok : ERR_no_memory;
		if (err != ERR_ok)
			snprintf(said, REQUEST_TEXT_BYTES, "%s", err_text(err));
	} else {
		const struct history_entry *entry = &history.entry[newest - n];

		err = history_model(candidate->publisher->run_dir, entry->number, &model, why);
		snprintf(said, REQUEST_TEXT_BYTES,
			 "the candidate is generation %" PRIu64 "; commit makes it run",
			 entry->number);
		if (err != ERR_ok)
			snprintf(said, REQUEST_TEXT_BYTES, "%s; nothing is changed", why);
	}
	if (err != ERR_ok)
		return err;
	model_free(&candidate->model);
	candidate->model = model;
	candidate->edits = n == 0 ? 0 : candidate->edits + 1;
	return ERR_ok;
}

char *
candidate_history(const struct candidate *candidate)
{
	struct history history;
	uint32_t newest, count = reachable(candidate, &history, &newest);
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	if (!out)
		return NULL;
	for (uint32_t n = 0; n < count; n++) {
		const struct history_entry *entry = &history.entry[newest - n];

		fprintf(out, "%u %" PRIu64 " %" PRIu64 " %s\n", n, entry->number, entry->unix_s,
			entry->origin);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

enum err
candidate_is_running(struct candidate *candidate, struct model *model, uint64_t number)
{
	candidate->edits = 0;
	return candidate_runs_beside(candidate, model, number);
}

enum err
candidate_runs_beside(struct candidate *candidate, struct model *model, uint64_t number)
{
	struct model copy = { 0 };
	bool ok;

	model_forget_lines(model);
	ok = candidate->edits > 0 || model_copy(model, &copy);
	model_free(&candidate->running);
	candidate->running = *model;
	candidate->running_number = number;
	*model = (struct model){ 0 };
	if (!ok)
		return ERR_no_memory;
	if (candidate->edits == 0) {
		model_free(&candidate->model);
		candidate->model = copy;
	}
	return ERR_ok;
}

static void
say_errors(const struct errors *errors, char said[REQUEST_TEXT_BYTES])
{
	size_t len = errors_format(errors, NULL, said, REQUEST_TEXT_BYTES);

	if (len && said[len - 1] == '\n')
		said[len - 1] = '\0';
}

/* How many entries there are from the one that runs downwards; newest: its place. */
static uint32_t
reachable(const struct candidate *candidate, struct history *history, uint32_t *newest)
{
	history_read(candidate->publisher->run_dir, history);
	for (uint32_t count = history->count; count > 0; count--) {
		if (history->entry[count - 1].number != candidate->running_number)
			continue;
		*newest = count - 1;
		return count;
	}
	*newest = 0;
	return 0;
}
