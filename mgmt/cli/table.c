/*
 * Collects cells as text, then prints them in one go.
 */
#include "mgmt/cli/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"

static const char *head_text(const struct table *table, size_t column);
static void
print_row(const struct table *table, FILE *out, char *const cells[], const size_t width[]);

void
table_init(struct table *table, const char *const heads[], size_t columns)
{
	ASSERT(columns > 0 && columns <= TABLE_COLUMNS);
	*table = (struct table){ .heads = heads, .columns = columns };
}

void
table_add(struct table *table, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	if (table->cells == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->cell = realloc(table->cell, table->capacity * sizeof *table->cell);
		ASSERT(table->cell);
	}
	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	ASSERT(len >= 0);
	if (len == 0) {
		free(text);
		text = strdup("-");
		ASSERT(text);
	}
	table->cell[table->cells++] = text;
}

void
table_print(struct table *table, FILE *out)
{
	size_t width[TABLE_COLUMNS] = { 0 };
	char *heads[TABLE_COLUMNS];

	for (size_t c = 0; c < table->columns; c++) {
		heads[c] = (char *)head_text(table, c);
		width[c] = strlen(heads[c]);
	}
	for (size_t i = 0; i < table->cells; i++)
		if (strlen(table->cell[i]) > width[i % table->columns])
			width[i % table->columns] = strlen(table->cell[i]);
	print_row(table, out, heads, width);
	for (size_t i = 0; i + table->columns <= table->cells; i += table->columns)
		print_row(table, out, &table->cell[i], width);
	for (size_t i = 0; i < table->cells; i++)
		free(table->cell[i]);
	free(table->cell);
	*table = (struct table){ 0 };
}

static const char *
head_text(const struct table *table, size_t column)
{
	return table->heads[column] + (table->heads[column][0] == '>');
}

static void
print_row(const struct table *table, FILE *out, char *const cells[], const size_t width[])
{
	for (size_t c = 0; c < table->columns; c++) {
		bool right = table->heads[c][0] == '>', last = c + 1 == table->columns;

		if (right)
			fprintf(out, "%*s", (int)width[c], cells[c]);
		else
			fprintf(out, "%-*s", last ? 0 : (int)width[c], cells[c]);
		fputs(last ? "\n" : "  ", out);
	}
}
