/*
 * The record of commits. It lies beside the generations because a generation does not say whether
 * it was ever adopted: one that was refused or not answered must not be rolled back to.
 */
#include "mgmt/push/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/abi/files.h"
#include "fw/base/str.h"
#include "mgmt/push/compile.h"
#include "mgmt/push/view.h"

#define HISTORY_FILE       "config/history"
#define HISTORY_LINE_BYTES 64

static bool read_line(struct str *rest, struct history_entry *entry);
static struct str next_word(struct str *line);
static enum err write_file(const char *run_dir, const struct history *history);

void
history_read(const char *run_dir, struct history *history)
{
	char path[FILES_PATH_MAX];
	struct file_map map;
	struct str rest;

	history->count = 0;
	if (!files_path(path, run_dir, HISTORY_FILE) || files_map_read(path, &map) != ERR_ok)
		return;
	rest = (struct str){ map.base, map.size_bytes };
	while (history->count < HISTORY_MAX && read_line(&rest, &history->entry[history->count]))
		history->count++;
	files_unmap(&map);
}

enum err
history_add(const char *run_dir, uint64_t number, uint64_t unix_s, const char *origin)
{
	struct history history;
	struct history_entry *entry;

	history_read(run_dir, &history);
	while (history.count && history.entry[history.count - 1].number >= number)
		history.count--;
	if (history.count == HISTORY_MAX)
		memmove(history.entry, history.entry + 1, --history.count * sizeof *history.entry);
	entry = &history.entry[history.count++];
	*entry = (struct history_entry){ .number = number, .unix_s = unix_s };
	snprintf(entry->origin, sizeof entry->origin, "%s", origin);
	return write_file(run_dir, &history);
}

bool
history_has(const struct history *history, uint64_t number)
{
	for (uint32_t i = 0; i < history->count; i++)
		if (history->entry[i].number == number)
			return true;
	return false;
}

enum err
history_model(const char *run_dir, uint64_t number, struct model *model,
	      char why[HISTORY_WHY_BYTES])
{
	const char *where = NULL;
	const struct generation *gen;
	struct file_map map;
	enum err err = view_numbered(run_dir, number, &map, &gen, &where);

	if (err == ERR_ok)
		err = decompile(gen, model);
	files_unmap(&map);
	if (err == ERR_corrupt)
		snprintf(why, HISTORY_WHY_BYTES, "generation %" PRIu64 " is damaged (%s)", number,
			 where ? where : "empty");
	else if (err == ERR_not_found)
		snprintf(why, HISTORY_WHY_BYTES, "generation %" PRIu64 " has no file", number);
	else if (err == ERR_version)
		snprintf(why, HISTORY_WHY_BYTES,
			 "generation %" PRIu64 " was made by another version", number);
	else if (err != ERR_ok)
		snprintf(why, HISTORY_WHY_BYTES, "generation %" PRIu64 " can't be read: %s", number,
			 err_text(err));
	return err;
}

/* "number unix-seconds origin\n" */
static bool
read_line(struct str *rest, struct history_entry *entry)
{
	const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
	struct str line, number, unix_s, origin;

	if (!end)
		return false;
	line = (struct str){ rest->at, (size_t)(end - rest->at) };
	*rest = (struct str){ end + 1, rest->len - line.len - 1 };
	number = next_word(&line);
	unix_s = next_word(&line);
	origin = next_word(&line);
	*entry = (struct history_entry){ 0 };
	if (!str_to_u64(number, UINT64_MAX / 2, &entry->number) ||
	    !str_to_u64(unix_s, UINT64_MAX / 2, &entry->unix_s) || origin.len == 0 ||
	    origin.len >= sizeof entry->origin)
		return false;
	memcpy(entry->origin, origin.at, origin.len);
	return true;
}

static struct str
next_word(struct str *line)
{
	const char *blank = line->len ? memchr(line->at, ' ', line->len) : NULL;
	struct str word = { line->at, blank ? (size_t)(blank - line->at) : line->len };

	*line = blank ? (struct str){ blank + 1, line->len - word.len - 1 }
		      : (struct str){ line->at + word.len, 0 };
	return word;
}

static enum err
write_file(const char *run_dir, const struct history *history)
{
	char text[HISTORY_MAX * HISTORY_LINE_BYTES], path[FILES_PATH_MAX];
	size_t len = 0;

	for (uint32_t i = 0; i < history->count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
					"%" PRIu64 " %" PRIu64 " %s\n", history->entry[i].number,
					history->entry[i].unix_s, history->entry[i].origin);
	return files_path(path, run_dir, HISTORY_FILE) ? files_write_atomic(path, text, len)
						       : ERR_too_long;
}
