/*
 * Aligned output: a header line and rows of words, columns as wide as their widest cell. Made for
 * eyes and for awk: only the last column may hold spaces.
 */
#ifndef MGMT_CLI_TABLE_H
#define MGMT_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS 24

struct table {
	const char *const *heads; /* borrowed; one that begins with '>' is aligned to the right */
	size_t columns, cells, capacity;
	char **cell; /* rows one after the other */
};

void table_init(struct table *table, const char *const heads[], size_t columns);
/* Adds the next cell; an empty one becomes "-". */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints all complete rows and frees them. */
void table_print(struct table *table, FILE *out);

#endif
