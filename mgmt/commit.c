/*
 * The three steps of a commit. The text is read from a descriptor of a regular file, so reading
 * never waits for a peer.
 */
#include "mgmt/commit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum err
load_model(int fd, const char *name, struct model *model, char said[REQUEST_TEXT_BYTES]);
static enum err
read_text(int fd, const char *name, char **text, size_t *text_bytes, char said[REQUEST_TEXT_BYTES]);
static void drop_newline(char *text);

enum err
commit_load(struct publisher *publisher, int fd, const char *name, char said[REQUEST_TEXT_BYTES])
{
	char outcome[PUBLISH_TEXT_BYTES];
	struct model model;
	enum err err = load_model(fd, name, &model, said);

	if (err != ERR_ok)
		return err;
	err = publish(publisher, &model, (uint64_t)time(NULL), outcome);
	snprintf(said, REQUEST_TEXT_BYTES, "%s: %s", name, outcome);
	model_free(&model);
	return err;
}

enum err
commit_check(int fd, const char *name, char said[REQUEST_TEXT_BYTES])
{
	struct model model;
	enum err err = load_model(fd, name, &model, said);

	if (err != ERR_ok)
		return err;
	snprintf(
	    said, REQUEST_TEXT_BYTES,
	    "%s: good; ports %u, routes %u, monitors %u, pools %u, members %u, virtual servers %u",
	    name, model.port_count, model.route_count, model.monitor_count, model.pool_count,
	    model.member_count, model.virtual_server_count);
	model_free(&model);
	return ERR_ok;
}

static enum err
load_model(int fd, const char *name, struct model *model, char said[REQUEST_TEXT_BYTES])
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
