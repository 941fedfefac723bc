/*
 * help, from tables.
 */
#include <string.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/words.h"
#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"

static void print_field(FILE *out, const struct schema_field *field);

enum cli_code
cmd_help(struct cli *cli, const struct cli_args *args)
{
	for (size_t c = 0; c < COMMAND_COUNT; c++)
		if (commands[c].modes & (1u << cli->mode | 1u << CLI_FILTER))
			fprintf(cli->out, "  %-*s %s\n", WORDS_HELP_COLUMN, commands[c].words,
				commands[c].help);
	fprintf(cli->out, "Words may be shortened; ? behind a beginning lists how it can go on.\n");
	return CLI_OK;
}

enum cli_code
cmd_help_configuration(struct cli *cli, const struct cli_args *args)
{
	fprintf(cli->out, "version: the version of the text, comes first: version = %u;\n\n",
		MODEL_VERSION);
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		char name[SCHEMA_TEXT_NAME_BYTES];

		fprintf(cli->out, "%s%s: %s (at most %u)\n", noun ? "\n" : "",
			schema_text_name(schema_nouns[noun].plural, name), schema_nouns[noun].help,
			schema_nouns[noun].limit);
		for (size_t f = 0; f < schema_field_count; f++)
			if (schema_fields[f].noun == noun)
				print_field(cli->out, &schema_fields[f]);
	}
	return CLI_OK;
}

static void
print_field(FILE *out, const struct schema_field *field)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	fprintf(out, "  %-16s %s; ", schema_text_name(field->member, name), field->help);
	if (field->type == SCHEMA_CHOICE || field->type == SCHEMA_CHOICES)
		fprintf(out, "%s", field->values);
	else
		fprintf(out, "%s", field->unit);
	if (field->type == SCHEMA_NUMBER)
		fprintf(out, ", %u to %u", field->min, field->max);
	if (!field->def)
		fprintf(out, ", required\n");
	else if (*field->def)
		fprintf(out, ", default %s\n", field->def);
	else
		fprintf(out, "\n");
}
