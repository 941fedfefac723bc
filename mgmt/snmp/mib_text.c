/*
 * The MIB module as text, SMIv2 (RFC 2578, 2579, 2580): what managers load.
 */
#include <string.h>

#include "mgmt/snmp/mib.h"

#define LINE_COLUMNS 76

static void write_head(FILE *out);
static void write_table(FILE *out, enum mib_table table);
static void write_entry(FILE *out, enum mib_table table);
static void write_object(FILE *out, const struct mib_object *object);
static void write_syntax(FILE *out, const struct mib_object *object);
static void write_conformance(FILE *out);
static void write_group(FILE *out, enum mib_table table, uint32_t arc);
static const char *group_name(enum mib_table table, char out[MIB_NAME_BYTES]);
static void write_text(FILE *out, const char *indent, const char *text);
static const char *syntax_name(const struct mib_object *object);

#define FOR_EACH_OBJECT(object, its_table)                                                         \
	for (const struct mib_object *object = mib_objects;                                        \
	     object < mib_objects + mib_object_count; object++)                                    \
		if (object->table == (its_table))

bool
mib_write(FILE *out)
{
	write_head(out);
	for (enum mib_table t = 0; t < MIB_TABLE_COUNT; t++)
		write_table(out, t);
	write_conformance(out);
	fprintf(out, "END\n");
	return fflush(out) == 0 && !ferror(out);
}

/* The dates are those of the last change to what managers see; each change adds a REVISION. */
static void
write_head(FILE *out)
{
	fprintf(out,
		"FAIRLEAD-MIB DEFINITIONS ::= BEGIN\n\n"
		"-- Made from the firmware's tables; each release has its own.\n\n"
		"IMPORTS\n"
		"    MODULE-IDENTITY, OBJECT-TYPE, enterprises, Counter64, Gauge32,\n"
		"    TimeTicks, Unsigned32\n"
		"        FROM SNMPv2-SMI\n"
		"    DisplayString, DateAndTime, TruthValue\n"
		"        FROM SNMPv2-TC\n"
		"    MODULE-COMPLIANCE, OBJECT-GROUP\n"
		"        FROM SNMPv2-CONF\n"
		"    InetAddress, InetAddressType, InetPortNumber\n"
		"        FROM INET-ADDRESS-MIB;\n\n"
		"fairleadMIB MODULE-IDENTITY\n"
		"    LAST-UPDATED \"202611210000Z\"\n"
		"    ORGANIZATION \"Fairlead\"\n"
		"    CONTACT-INFO \"Your supplier's support\"\n"
		"    DESCRIPTION\n"
		"        \"The Fairlead load balancer: virtual servers, pools and members.\"\n"
		"    REVISION \"202611210000Z\"\n"
		"    DESCRIPTION\n"
		"        \"First version.\"\n"
		"    ::= { enterprises 8072 9999 9999 1 }\n\n"
		"fairleadObjects OBJECT IDENTIFIER ::= { fairleadMIB %u }\n"
		"fairleadConformance OBJECT IDENTIFIER ::= { fairleadMIB 2 }\n"
		"fairleadSystem OBJECT IDENTIFIER ::= { fairleadObjects %u }\n\n",
		MIB_OBJECTS_ARC, mib_tables[MIB_TABLE_system].arc);
}

static void
write_table(FILE *out, enum mib_table table)
{
	char name[MIB_NAME_BYTES];

	if (table != MIB_TABLE_system) {
		mib_camel(mib_tables[table].name, name);
		fprintf(out,
			"%sTable OBJECT-TYPE\n"
			"    SYNTAX SEQUENCE OF %c%sEntry\n"
			"    MAX-ACCESS not-accessible\n"
			"    STATUS current\n",
			name, name[0] - 'a' + 'A', name + 1);
		write_text(out, "    ", mib_tables[table].text);
		fprintf(out, "    ::= { fairleadObjects %u }\n\n", mib_tables[table].arc);
		write_entry(out, table);
	}
	FOR_EACH_OBJECT(object, table)
	write_object(out, object);
}

static void
write_entry(FILE *out, enum mib_table table)
{
	const char *comma = "";
	char name[MIB_NAME_BYTES], column[MIB_NAME_BYTES];

	mib_camel(mib_tables[table].name, name);
	fprintf(out,
		"%sEntry OBJECT-TYPE\n"
		"    SYNTAX %c%sEntry\n"
		"    MAX-ACCESS not-accessible\n"
		"    STATUS current\n"
		"    DESCRIPTION\n"
		"        \"A row.\"\n"
		"    INDEX { ",
		name, name[0] - 'a' + 'A', name + 1);
	for (const char *at = mib_tables[table].indexes; *at; at++)
		*at == '|' ? fputs(", ", out) : fputc(*at, out);
	fprintf(out,
		" }\n"
		"    ::= { %sTable %u }\n\n"
		"%c%sEntry ::= SEQUENCE {\n",
		name, MIB_ENTRY_ARC, name[0] - 'a' + 'A', name + 1);
	FOR_EACH_OBJECT(object, table)
	{
		fprintf(out, "%s    %s %s", comma, mib_object_name(object, column),
			syntax_name(object));
		comma = ",\n";
	}
	fprintf(out, "\n}\n\n");
}

static void
write_object(FILE *out, const struct mib_object *object)
{
	char name[MIB_NAME_BYTES], parent[2 * MIB_NAME_BYTES] = "fairleadSystem";

	if (object->table != MIB_TABLE_system)
		snprintf(parent, sizeof parent, "%sEntry",
			 mib_camel(mib_tables[object->table].name, name));
	fprintf(out, "%s OBJECT-TYPE\n", mib_object_name(object, name));
	write_syntax(out, object);
	if (object->unit && strcmp(object->unit, "now") != 0)
		fprintf(out, "    UNITS \"%s\"\n", object->unit);
	fprintf(out, "    MAX-ACCESS %s\n    STATUS current\n",
		mib_is_index(object) ? "not-accessible" : "read-only");
	write_text(out, "    ", object->text);
	fprintf(out, "    ::= { %s %u }\n\n", parent, object->arc);
}

static void
write_syntax(FILE *out, const struct mib_object *object)
{
	static const char *const sizes[MIB_KIND_COUNT] = {
		[MIB_TEXT] = " (SIZE (0..255))",
		[MIB_INDEX_NAME] = " (SIZE (1..63))",
		[MIB_ADDRESS] = " (SIZE (4 | 16))",
		[MIB_INDEX_ADDRESS] = " (SIZE (4 | 16))",
	};
	const char *size = sizes[object->kind];
	char label[MIB_NAME_BYTES];

	fprintf(out, "    SYNTAX %s%s", syntax_name(object), size ? size : "");
	if (object->kind == MIB_CHOICE) {
		for (uint32_t i = 0; mib_label(object, i, label); i++)
			fprintf(out, "%s %s(%u)", i ? "," : " {", label, i + 1);
		fprintf(out, " }");
	}
	fprintf(out, "\n");
}

static const char *
syntax_name(const struct mib_object *object)
{
	static const char *const names[MIB_KIND_COUNT] = {
		[MIB_TEXT] = "DisplayString",
		[MIB_CHOICE] = "INTEGER",
		[MIB_NUMBER] = "Unsigned32",
		[MIB_GAUGE] = "Gauge32",
		[MIB_COUNTER] = "Counter64",
		[MIB_TICKS] = "TimeTicks",
		[MIB_DATE] = "DateAndTime",
		[MIB_FLAG] = "TruthValue",
		[MIB_ADDRESS_TYPE] = "InetAddressType",
		[MIB_ADDRESS] = "InetAddress",
		[MIB_PORT] = "InetPortNumber",
		[MIB_INDEX_NAME] = "DisplayString",
		[MIB_INDEX_ADDRESS_TYPE] = "InetAddressType",
		[MIB_INDEX_ADDRESS] = "InetAddress",
		[MIB_INDEX_PORT] = "InetPortNumber",
	};

	return names[mib_kind_of(object)];
}

static void
write_conformance(FILE *out)
{
	char name[MIB_NAME_BYTES];

	fprintf(out, "fairleadGroups OBJECT IDENTIFIER ::= { fairleadConformance 1 }\n"
		     "fairleadCompliances OBJECT IDENTIFIER ::= { fairleadConformance 2 }\n\n");
	for (enum mib_table t = 0; t < MIB_TABLE_COUNT; t++)
		write_group(out, t, t + 1u);
	fprintf(out, "fairleadCompliance MODULE-COMPLIANCE\n"
		     "    STATUS current\n"
		     "    DESCRIPTION\n"
		     "        \"What every Fairlead answers.\"\n"
		     "    MODULE\n"
		     "        MANDATORY-GROUPS {");
	for (enum mib_table t = 0; t < MIB_TABLE_COUNT; t++)
		fprintf(out, "%s %s", t ? "," : "", group_name(t, name));
	fprintf(out, " }\n    ::= { fairleadCompliances 1 }\n\n");
}

static void
write_group(FILE *out, enum mib_table table, uint32_t arc)
{
	const char *comma = "";
	char name[MIB_NAME_BYTES];

	fprintf(out, "%s OBJECT-GROUP\n    OBJECTS {\n", group_name(table, name));
	FOR_EACH_OBJECT(object, table)
	{
		if (mib_is_index(object))
			continue;
		fprintf(out, "%s        %s", comma, mib_object_name(object, name));
		comma = ",\n";
	}
	fprintf(out, "\n    }\n    STATUS current\n");
	write_text(out, "    ", mib_tables[table].text);
	fprintf(out, "    ::= { fairleadGroups %u }\n\n", arc);
}

static const char *
group_name(enum mib_table table, char out[MIB_NAME_BYTES])
{
	char words[MIB_NAME_BYTES];

	snprintf(words, sizeof words, "fairlead_%.40s_group", mib_tables[table].name);
	return mib_camel(words, out);
}

/* A DESCRIPTION, broken into lines at blanks. No text has a quotation mark in it. */
static void
write_text(FILE *out, const char *indent, const char *text)
{
	size_t column = 9;

	fprintf(out, "%sDESCRIPTION\n%s    \"", indent, indent);
	while (*text) {
		size_t len = strcspn(text, " ");

		if (column + len > LINE_COLUMNS) {
			fprintf(out, "\n%s    ", indent);
			column = 8;
		}
		column += (size_t)fprintf(out, "%.*s", (int)len, text);
		text += len;
		if (*text == ' ') {
			text++;
			if (column + 1 + strcspn(text, " ") <= LINE_COLUMNS)
				column += (size_t)fprintf(out, " ");
			else
				column = LINE_COLUMNS + 1;
		}
	}
	fprintf(out, "\"\n");
}
