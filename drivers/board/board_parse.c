/*
 * Board text to struct board. libconfig reads the text into a tree of settings; everything after that is driven by
 * board.tbl. Strict: a word that the table does not have is refused, and each refusal says what would be right.
 *
 * Whether the parts fit together is board_check.c's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/board/board.h"
#include "drivers/board/board_schema.h"
#include "fw/base/assert.h"
#include "fw/base/str.h"

struct parser {
	struct board *board;
	struct board_errors *errors;
};

static bool text_valid(const char *text, size_t text_bytes, struct board_errors *errors);
static const char **
refuse_include(struct config_t *config, const char *dir, const char *path, const char **error);
static void read_top(struct parser *parser, const config_setting_t *root);
static void
read_group(struct parser *parser, enum board_group_id id, const config_setting_t *setting);
static void read_list(struct parser *parser, enum board_group_id id, const config_setting_t *list);
static void read_fields(struct parser *parser, enum board_group_id id,
			const config_setting_t *group, void *out);
static void set_default(const struct board_field *field, void *out);
static void read_field(struct parser *parser, const struct board_field *field,
		       const config_setting_t *setting, void *out);
static void read_text(struct parser *parser, const struct board_field *field,
		      const config_setting_t *setting, char *out);
static void read_number(struct parser *parser, const struct board_field *field,
			const config_setting_t *setting, uint32_t *out);
static void read_choice(struct parser *parser, const struct board_field *field,
			const config_setting_t *setting, uint32_t *out);
static void read_pci(struct parser *parser, const struct board_field *field,
		     const config_setting_t *setting, char *out);
static bool
array_valid(struct parser *parser, const struct board_field *field, const config_setting_t *array);
static void refuse_word(struct parser *parser, enum board_group_id id, const char *word, int line);
static void refuse_field(struct parser *parser, const struct board_field *field,
			 const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool
board_load(const char *path, struct board *board, struct board_errors *errors)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = malloc(BOARD_TEXT_BYTES + 1);
	struct stat st;
	ssize_t got = -1;
	bool ok = false;

	memset(board, 0, sizeof *board);
	if (fd >= 0 && text && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		got = read(fd, text, BOARD_TEXT_BYTES + 1);
	if (got < 0)
		board_refuse(errors, 0, "can't be read: %s; give a board file",
			     fd < 0 ? strerror(errno) : "it is no file");
	else
		ok = board_parse(text, (size_t)got, board, errors) && board_check(board, errors);
	if (fd >= 0)
		close(fd);
	free(text);
	return ok;
}

bool
board_parse(const char *text, size_t text_bytes, struct board *board, struct board_errors *errors)
{
	struct parser parser = { board, errors };
	config_t config;
	char *copy;

	memset(board, 0, sizeof *board);
	if (!text_valid(text, text_bytes, errors))
		return false;
	copy = strndup(text, text_bytes);
	if (!copy) {
		board_refuse(errors, 0, "out of memory");
		return false;
	}
	config_init(&config);
	config_set_include_func(&config, refuse_include);
	if (config_read_string(&config, copy) == CONFIG_TRUE)
		read_top(&parser, config_root_setting(&config));
	else
		board_refuse(errors, (uint32_t)config_error_line(&config),
			     "%s; look here and in the line before for a missing ';', ',', quote "
			     "or bracket, or a word that is there twice",
			     config_error_text(&config));
	config_destroy(&config);
	free(copy);
	return errors->count == 0;
}

static bool
text_valid(const char *text, size_t text_bytes, struct board_errors *errors)
{
	uint32_t depth = 0, line = 1;

	if (text_bytes > BOARD_TEXT_BYTES) {
		board_refuse(errors, 0, "longer than %u bytes; a board is a page",
			     BOARD_TEXT_BYTES);
		return false;
	}
	for (size_t i = 0; i < text_bytes; i++) {
		line += text[i] == '\n';
		if (strchr("({[", text[i]) && text[i])
			depth++;
		else if (strchr(")}]", text[i]) && text[i] && depth)
			depth--;
		if (text[i] != '\0' && depth <= 16)
			continue;
		board_refuse(errors, line,
			     text[i] ? "more than 16 brackets deep; a board needs three"
				     : "a NUL byte; a board is text");
		return false;
	}
	return true;
}

static const char **
refuse_include(struct config_t *config, const char *dir, const char *path, const char **error)
{
	*error = "@include is not accepted; write everything into one file";
	return NULL;
}

static void
read_top(struct parser *parser, const config_setting_t *root)
{
	char word[BOARD_SCHEMA_NAME_BYTES];

	read_fields(parser, BOARD_GROUP_top, root, &parser->board->top);
	parser->board->top.line = 1;
	for (enum board_group_id id = BOARD_GROUP_top + 1; id < BOARD_GROUP_COUNT; id++) {
		const struct board_group *group = &board_groups[id];
		const config_setting_t *setting =
		    config_setting_get_member(root, board_schema_word(group->name, word));

		if (!setting && group->required)
			board_refuse(
			    parser->errors, 0, "%s is missing; write \"%s = %s;\": %s", word, word,
			    group->kind == BOARD_LIST ? "( { ... } )" : "{ ... }", group->help);
		else if (setting)
			read_group(parser, id, setting);
	}
}

static void
read_group(struct parser *parser, enum board_group_id id, const config_setting_t *setting)
{
	const struct board_group *group = &board_groups[id];
	uint32_t line = (uint32_t)config_setting_source_line(setting);
	char *out = (char *)parser->board + group->offset;
	char word[BOARD_SCHEMA_NAME_BYTES];

	board_schema_word(group->name, word);
	if (group->kind == BOARD_LIST && config_setting_is_list(setting)) {
		read_list(parser, id, setting);
	} else if (group->kind == BOARD_ONE && config_setting_is_group(setting)) {
		read_fields(parser, id, setting, out);
		*(uint32_t *)out = line;
	} else {
		board_refuse(parser->errors, line, "%s is of another kind; must be %s = %s;", word,
			     word, group->kind == BOARD_LIST ? "( { ... }, { ... } )" : "{ ... }");
	}
}

static void
read_list(struct parser *parser, enum board_group_id id, const config_setting_t *list)
{
	const struct board_group *group = &board_groups[id];
	uint32_t *count = (uint32_t *)((char *)parser->board + group->count);
	char *out = (char *)parser->board + group->offset;

	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *one = config_setting_get_elem(list, (unsigned)i);
		uint32_t line = (uint32_t)config_setting_source_line(one);

		if (*count == group->max) {
			board_refuse(parser->errors, line, "more than %u in %s; leave some out",
				     group->max, group->name);
			return;
		}
		if (!config_setting_is_group(one)) {
			board_refuse(parser->errors, line,
				     "%s holds something else; must be groups: { ... }",
				     group->name);
			continue;
		}
		read_fields(parser, id, one, out + *count * group->size_bytes);
		*(uint32_t *)(out + *count * group->size_bytes) = line;
		++*count;
	}
}

/* All fields of a group: defaults, what is there, then what is missing. */
static void
read_fields(struct parser *parser, enum board_group_id id, const config_setting_t *group, void *out)
{
	char word[BOARD_SCHEMA_NAME_BYTES];
	uint32_t line = id == BOARD_GROUP_top ? 0 : (uint32_t)config_setting_source_line(group);

	for (size_t f = 0; f < board_field_count; f++) {
		const struct board_field *field = &board_fields[f];
		const config_setting_t *setting;

		if (field->group != id)
			continue;
		setting = config_setting_get_member(group, board_schema_word(field->name, word));
		if (setting)
			read_field(parser, field, setting, (char *)out + field->offset);
		else if (field->def)
			set_default(field, (char *)out + field->offset);
		else
			board_refuse(parser->errors, line, "%s is missing; write \"%s = ...;\": %s",
				     word, word, field->help);
	}
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *one = config_setting_get_elem(group, (unsigned)i);

		refuse_word(parser, id, config_setting_name(one), config_setting_source_line(one));
	}
}

/* Of lists it is the empty one, of texts the text itself. */
static void
set_default(const struct board_field *field, void *out)
{
	if (field->type == BOARD_NUMBER)
		*(uint32_t *)out = (uint32_t)strtoul(field->def, NULL, 10);
	else if (field->type == BOARD_BOOL)
		*(uint32_t *)out = field->def[0] == 't';
	else if (field->type == BOARD_CHOICE)
		*(uint32_t *)out = (uint32_t)board_choice_index(field->values, field->def);
	else if (field->type == BOARD_WORD || field->type == BOARD_TEXT)
		strcpy(out, field->def);
}

static void
read_field(struct parser *parser, const struct board_field *field, const config_setting_t *setting,
	   void *out)
{
	struct board_numbers *numbers = out;
	struct board_words *words = out;
	int count = config_setting_length(setting);

	switch (field->type) {
	case BOARD_WORD:
	case BOARD_TEXT:
		read_text(parser, field, setting, out);
		return;
	case BOARD_NUMBER:
		read_number(parser, field, setting, out);
		return;
	case BOARD_CHOICE:
		read_choice(parser, field, setting, out);
		return;
	case BOARD_PCI:
		read_pci(parser, field, setting, out);
		return;
	case BOARD_BOOL:
		if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
			*(uint32_t *)out = (uint32_t)config_setting_get_bool(setting);
		else
			refuse_field(parser, field, setting, "must be true or false: %s",
				     field->help);
		return;
	default:
		break;
	}
	if (!array_valid(parser, field, setting))
		return;
	for (int i = 0; i < count; i++) {
		const config_setting_t *one = config_setting_get_elem(setting, (unsigned)i);

		if (field->type == BOARD_NUMBERS)
			read_number(parser, field, one, &numbers->number[numbers->count++]);
		else
			read_text(parser, field, one, words->word[words->count++]);
	}
}

static bool
array_valid(struct parser *parser, const struct board_field *field, const config_setting_t *array)
{
	const char *like = field->type == BOARD_NUMBERS ? "[ 1, 2 ]" : "[ \"a\", \"b\" ]";
	int count = config_setting_length(array);

	if (!config_setting_is_array(array) && !(config_setting_is_list(array) && count == 0)) {
		refuse_field(parser, field, array, "is of another kind; must be like %s", like);
		return false;
	}
	if (count < (int)field->min || count > (int)field->max) {
		refuse_field(parser, field, array, "has %d; must have %u to %u", count, field->min,
			     field->max);
		return false;
	}
	return true;
}

static void
read_text(struct parser *parser, const struct board_field *field, const config_setting_t *setting,
	  char *out)
{
	const char *text = config_setting_get_string(setting);
	/* a list's bounds are those of its length */
	uint32_t min = field->type == BOARD_WORDLIST ? 1 : field->min;
	uint32_t max = field->type == BOARD_WORDLIST ? BOARD_WORD_BYTES : field->max;
	size_t len = text ? strlen(text) : 0;

	if (!text) {
		refuse_field(parser, field, setting, "is no text; must be in double quotes: %s",
			     field->help);
		return;
	}
	if (len < min || len > max) {
		refuse_field(parser, field, setting, "has %zu characters; must have %u to %u", len,
			     min, max);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		/* words end up in systemd's and the boot loader's lines */
		const char *not_in = field->type == BOARD_TEXT ? "\"\\" : " \"'\\$`;";

		if (text[i] >= 0x20 && text[i] < 0x7f && !strchr(not_in, text[i]))
			continue;
		refuse_field(parser, field, setting,
			     "\"%.60s\" holds a blank, a quote or a control character; must be "
			     "plain ASCII",
			     text);
		return;
	}
	memcpy(out, text, len + 1);
}

static void
read_number(struct parser *parser, const struct board_field *field, const config_setting_t *setting,
	    uint32_t *out)
{
	int type = config_setting_type(setting);
	/* a list's bounds are those of its length; its numbers are processors */
	uint32_t min = field->type == BOARD_NUMBERS ? 0 : field->min;
	uint32_t max = field->type == BOARD_NUMBERS ? BOARD_CPU_MAX : field->max;
	long long number;

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
		refuse_field(parser, field, setting, "is no number; must be %u to %u", min, max);
		return;
	}
	number = config_setting_get_int64(setting);
	if (number < min || number > max)
		refuse_field(parser, field, setting, "is %lld; must be %u to %u: %s", number, min,
			     max, field->help);
	else
		*out = (uint32_t)number;
}

static void
read_choice(struct parser *parser, const struct board_field *field, const config_setting_t *setting,
	    uint32_t *out)
{
	const char *word = config_setting_get_string(setting);
	int index = word ? board_choice_index(field->values, word) : -1;

	if (index < 0)
		refuse_field(parser, field, setting, "\"%.60s\" is not known; must be one of %s",
			     word ? word : "", field->values);
	else
		*out = (uint32_t)index;
}

/* DOMAIN:BUS:DEVICE.FUNCTION as the kernel writes it. */
static void
read_pci(struct parser *parser, const struct board_field *field, const config_setting_t *setting,
	 char *out)
{
	static const char shape[] = "xxxx:xx:xx.o", hex[] = "0123456789abcdef";
	const char *text = config_setting_get_string(setting);
	bool ok = text && strlen(text) == sizeof shape - 1;

	for (size_t i = 0; ok && shape[i]; i++)
		ok = shape[i] == 'x'   ? strchr(hex, text[i]) != NULL
		     : shape[i] == 'o' ? text[i] >= '0' && text[i] <= '7'
				       : text[i] == shape[i];
	if (ok && (text[8] > '1' || text[8] < '0'))
		ok = false; /* a bus has 32 devices */
	if (ok)
		memcpy(out, text, sizeof shape);
	else
		refuse_field(parser, field, setting,
			     "\"%.40s\" is no PCI address; must be like \"0000:02:00.0\", in lower "
			     "case, as `lspci -D` has it",
			     text ? text : "");
}

/* A word that is neither a field of the group nor, at the top, a group. */
static void
refuse_word(struct parser *parser, enum board_group_id id, const char *word, int line)
{
	char known[512] = "", name[BOARD_SCHEMA_NAME_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < board_field_count + BOARD_GROUP_COUNT; i++) {
		size_t group = i - board_field_count;

		if (i < board_field_count && board_fields[i].group != id)
			continue;
		if (i >= board_field_count && (id != BOARD_GROUP_top || group == BOARD_GROUP_top))
			continue;
		board_schema_word(
		    i < board_field_count ? board_fields[i].name : board_groups[group].name, name);
		if (strcmp(name, word) == 0)
			return;
		if (len < sizeof known)
			len += (size_t)snprintf(known + len, sizeof known - len, "%s%s",
						len ? ", " : "", name);
	}
	board_refuse(parser->errors, (uint32_t)line, "no such word: \"%.40s\"; there are %s", word,
		     known);
}

static void
refuse_field(struct parser *parser, const struct board_field *field,
	     const config_setting_t *setting, const char *format, ...)
{
	char text[BOARD_ERROR_BYTES], word[BOARD_SCHEMA_NAME_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	board_refuse(parser->errors, (uint32_t)config_setting_source_line(setting), "%s %s",
		     board_schema_word(field->name, word), text);
}

void
board_refuse(struct board_errors *errors, uint32_t line, const char *format, ...)
{
	char *out;
	va_list args;

	if (errors->count == BOARD_ERRORS) {
		errors->more++;
		return;
	}
	out = errors->error[errors->count].text;
	errors->error[errors->count++].line = line;
	va_start(args, format);
	vsnprintf(out, BOARD_ERROR_BYTES, format, args);
	va_end(args);
	for (; *out; out++)
		if (*out < 0x20 || *out > 0x7e)
			*out = '?';
}

void
board_errors_print(const struct board_errors *errors, const char *name, FILE *out)
{
	for (uint32_t i = 0; i < errors->count; i++) {
		if (errors->error[i].line)
			fprintf(out, "%s:%u: %s\n", name, errors->error[i].line,
				errors->error[i].text);
		else
			fprintf(out, "%s: %s\n", name, errors->error[i].text);
	}
	if (errors->more)
		fprintf(out, "%s: and %u more\n", name, errors->more);
}
