/*
 * The steps of a commit: what the store needs is written first, then the generation is published,
 * then the store's file gets its name. So a full disk or a refusal leaves everything as it was, and
 * a kill at any point leaves the old or the new configuration, which mgmt/restore.c finds out. A
 * text is read from a descriptor of a regular file, so reading never waits for a peer.
 */
#include "mgmt/commit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "mgmt/model/compare.h"
#include "mgmt/store.h"

static enum err
read_text(int fd, const char *name, char **text, size_t *text_bytes, char said[REQUEST_TEXT_BYTES]);
static enum err prepare(const struct candidate *candidate, const struct model *model,
			bool *prepared, char said[REQUEST_TEXT_BYTES]);
static void drop_newline(char *text);
static void append(char said[REQUEST_TEXT_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static uint64_t now_us(void);

enum err
commit_load(struct candidate *candidate, int fd, const char *name, const char *origin,
	    char said[REQUEST_TEXT_BYTES])
{
	char outcome[REQUEST_TEXT_BYTES];
	uint32_t edits = candidate->edits;
	struct model model;
	enum err err = commit_read(fd, name, &model, said);

	if (err != ERR_ok)
		return err;
	err = commit_model(candidate, &model, origin, outcome);
	snprintf(said, REQUEST_TEXT_BYTES, "%.200s: %.*s", name, REQUEST_TEXT_BYTES - 400, outcome);
	if (edits && candidate->edits == 0)
		append(said, "; %u uncommitted edits of the candidate are dropped", edits);
	return err;
}

enum err
commit_candidate(struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
{
	struct publish_state state;
	struct model model;
	char *changes;
	bool same;
	enum err err = candidate_validate(candidate, said);

	if (err != ERR_ok)
		return err;
	/* A data plane that could not use the newest one when it started runs an older one. */
	publish_look(candidate->publisher, &state);
	changes = model_compare(&candidate->running, &candidate->model);
	same = changes && changes[0] == '\0' && candidate->running_number &&
	       (state.running == 0 || state.running == candidate->running_number);
	free(changes);
	if (same) {
		candidate->edits = 0;
		err = commit_store(candidate, said);
		if (err == ERR_ok)
			snprintf(said, REQUEST_TEXT_BYTES,
				 "nothing to commit: the candidate is generation %" PRIu64
				 ", which runs",
				 candidate->running_number);
		return err;
	}
	if (!model_copy(&candidate->model, &model)) {
		snprintf(said, REQUEST_TEXT_BYTES, "out of memory");
		return ERR_no_memory;
	}
	return commit_model(candidate, &model, "commit", said);
}

enum err
commit_model(struct candidate *candidate, struct model *model, const char *origin,
	     char said[REQUEST_TEXT_BYTES])
{
	struct publisher *publisher = candidate->publisher;
	uint64_t start_us = now_us();
	char outcome[PUBLISH_TEXT_BYTES], status[FILES_PATH_MAX];
	bool prepared = false;
	enum err err = prepare(candidate, model, &prepared, said);

	if (err == ERR_ok) {
		publish_done(publisher, PUBLISH_PREPARED);
		publisher->origin = origin;
		err = publish(publisher, model, (uint64_t)time(NULL), outcome);
		publisher->origin = NULL;
		snprintf(said, REQUEST_TEXT_BYTES, "%s", outcome);
		if (err != ERR_ok && prepared)
			store_drop(candidate->store_dir);
	}
	if (err == ERR_busy)
		append(said, "; it may run it yet, show generations tells");
	if (err != ERR_ok) {
		model_free(model);
		return err;
	}
	err = prepared ? store_finish(candidate->store_dir) : ERR_ok;
	if (err != ERR_ok)
		append(said,
		       "; but it can't be stored in %s: %s; a reboot brings back the one before",
		       candidate->store_dir, strerror(errno));
	else
		publish_done(publisher, PUBLISH_STORED);
	if (candidate->store_dir && files_path(status, publisher->run_dir, FILES_MGMTD_STATUS))
		(void)unlink(status); /* what a start complained of is past */
	if (candidate_is_running(candidate, model, publisher->number) != ERR_ok)
		append(said, "; there is no memory for a candidate");
	append(said, "; took %" PRIu64 " ms", (now_us() - start_us + 500) / 1000);
	if (publisher->adopt_us)
		append(said, ", %" PRIu64 " of them the data plane",
		       (publisher->adopt_us + 500) / 1000);
	return err;
}

enum err
commit_store(struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
{
	bool prepared = false;
	enum err err = prepare(candidate, &candidate->running, &prepared, said);

	if (err != ERR_ok || !prepared)
		return err;
	err = store_finish(candidate->store_dir);
	if (err != ERR_ok)
		snprintf(said, REQUEST_TEXT_BYTES, "can't store the configuration in %s: %s",
			 candidate->store_dir, strerror(errno));
	return err;
}

/* Whatever can go wrong with the store goes wrong here, before anything is changed. */
static enum err
prepare(const struct candidate *candidate, const struct model *model, bool *prepared,
	char said[REQUEST_TEXT_BYTES])
{
	char *text;
	enum err err = ERR_ok;

	if (!candidate->store_dir)
		return ERR_ok;
	text = model_save(model);
	if (!text) {
		snprintf(said, REQUEST_TEXT_BYTES, "out of memory");
		return ERR_no_memory;
	}
	*prepared = !store_has(candidate->store_dir, text);
	if (*prepared)
		err = store_prepare(candidate->store_dir, text);
	if (err != ERR_ok)
		snprintf(said, REQUEST_TEXT_BYTES,
			 "can't store the configuration in %s: %s; what runs stays",
			 candidate->store_dir, err == ERR_io ? strerror(errno) : err_text(err));
	free(text);
	return err;
}

enum err
commit_check(int fd, const char *name, char said[REQUEST_TEXT_BYTES])
{
	struct model model;
	enum err err = commit_read(fd, name, &model, said);

	if (err != ERR_ok)
		return err;
	snprintf(
	    said, REQUEST_TEXT_BYTES,
	    "%s: good; ports %u, routes %u, monitors %u, tcp profiles %u, pools %u, members %u, "
	    "virtual servers %u",
	    name, model.port_count, model.route_count, model.monitor_count, model.tcp_profile_count,
	    model.pool_count, model.member_count, model.virtual_server_count);
	model_free(&model);
	return ERR_ok;
}

enum err
commit_read(int fd, const char *name, struct model *model, char said[REQUEST_TEXT_BYTES])
{
	struct errors errors = { 0 };
	size_t text_bytes;
	char *text;
	enum err err = read_text(fd, name, &text, &text_bytes, said);

	if (err != ERR_ok)
		return err;
	if (!model_load(text, text_bytes, model, &errors)) {
		errors_format(&errors, name, said, REQUEST_TEXT_BYTES);
		drop_newline(said);
		err = ERR_invalid;
	}
	free(text);
	return err;
}

/* One byte more than the limit is read, so that the parser sees that the text is too long. */
static enum err
read_text(int fd, const char *name, char **text, size_t *text_bytes, char said[REQUEST_TEXT_BYTES])
{
	size_t limit = MODEL_TEXT_BYTES + 1, size = 0;
	struct stat st;
	ssize_t got;
	char *buffer;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		snprintf(said, REQUEST_TEXT_BYTES, "%s: is no regular file", name);
		return ERR_invalid;
	}
	buffer = malloc(limit);
	if (!buffer) {
		snprintf(said, REQUEST_TEXT_BYTES, "%s: out of memory", name);
		return ERR_no_memory;
	}
	while (size < limit && (got = pread(fd, buffer + size, limit - size, (off_t)size)) != 0) {
		if (got < 0 && errno != EINTR) {
			snprintf(said, REQUEST_TEXT_BYTES, "%s: can't be read: %s", name,
				 strerror(errno));
			free(buffer);
			return ERR_io;
		}
		size += got > 0 ? (size_t)got : 0;
	}
	*text = buffer;
	*text_bytes = size;
	return ERR_ok;
}

static void
drop_newline(char *text)
{
	size_t len = strlen(text);

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
}

static void
append(char said[REQUEST_TEXT_BYTES], const char *format, ...)
{
	size_t len = strlen(said);
	va_list args;

	va_start(args, format);
	vsnprintf(said + len, REQUEST_TEXT_BYTES - len, format, args);
	va_end(args);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
