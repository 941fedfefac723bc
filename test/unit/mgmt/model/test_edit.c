/* Set and delete lines: what they change, what they refuse, and that nothing else moves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "mgmt/model/compare.h"
#include "mgmt/model/edit.h"
#include "mgmt/model/schema.h"
#include "test/unit/mgmt/model/samples.h"
#include "test/unit/unit.h"

/* Applies it, which must work. */
static void
edit(struct model *model, const char *line)
{
	struct errors errors = { 0 };

	if (!model_edit(model, line, &errors))
		printf("%s: %s\n", line, errors.error[0].text);
	CU_ASSERT_EQUAL_FATAL(errors.count, 0);
}

/* It is refused with this reason, and nothing changes. */
static void
expect_refused(struct model *model, const char *line, const char *reason)
{
	struct errors errors = { 0 };
	char *before = model_set_lines(model), *after;

	CU_ASSERT_FALSE(model_edit(model, line, &errors));
	if (strcmp(errors.error[0].text, reason) != 0)
		printf("%s: %s\n", line, errors.error[0].text);
	CU_ASSERT_EQUAL(errors.count, 1);
	CU_ASSERT_STRING_EQUAL(errors.error[0].text, reason);
	after = model_set_lines(model);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
}

static void
expect_lines(const struct model *model, const char *expected)
{
	char *lines = model_set_lines(model);

	if (strcmp(lines, expected) != 0)
		printf("expected:\n%sgot:\n%s", expected, lines);
	CU_ASSERT_STRING_EQUAL(lines, expected);
	free(lines);
}

static struct model
load(const char *text)
{
	struct errors errors = { 0 };
	struct model m;

	CU_ASSERT_TRUE_FATAL(model_load(text, strlen(text), &m, &errors));
	return m;
}

/* Applies each line of lines to model. */
static void
edit_all(struct model *model, const char *lines)
{
	char line[EDIT_LINE_BYTES];

	for (; *lines; lines += strcspn(lines, "\n") + 1) {
		ASSERT(strcspn(lines, "\n") < sizeof line);
		snprintf(line, sizeof line, "%.*s", (int)strcspn(lines, "\n"), lines);
		edit(model, line);
	}
}

/* Pools share out the members, ports the addresses, in their order. */
static void
expect_contiguous(const struct model *m)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < m->pool_count; i++) {
		CU_ASSERT_EQUAL(m->pools[i].first_member, next);
		next += m->pools[i].member_count;
	}
	CU_ASSERT_EQUAL(next, m->member_count);
	next = 0;
	for (uint32_t row = 0; row < model_row_count(m); row++) {
		CU_ASSERT_EQUAL(model_row_addresses(m, row)->first, next);
		next += model_row_addresses(m, row)->count;
	}
	CU_ASSERT_EQUAL(next, m->address_count);
}

static void
set_makes_objects_and_changes_fields(void)
{
	struct model m = { 0 };

	edit(&m, "set port p0 address 10.0.0.1/24 address fd00::1/64 mtu-bytes 1400");
	edit(&m, "set port p0 service ping service ssh service ping");
	edit(&m, "set route 0.0.0.0/0 via 10.0.0.2");
	edit(&m, "set route 10.9.0.0/16 via 10.0.0.4,10.0.0.3");
	edit(&m, "set management-address 10.0.9.1/24");
	edit(&m, "set management-address fd00:9::1/64 gateway fd00:9::2");
	edit(&m, "set management-address 10.0.9.1/24 gateway 10.0.9.2");
	edit(&m, "set pool web method maglev member 10.0.1.11:80 weight 3 backup true");
	edit(&m, "  set pool\tweb member [fd00::12]:8080  ");
	edit(&m, "set monitor up type http header \"X-Probe: 1\" body \"say \\\"hi\\\" \\\\ bye\"");
	edit(&m, "set pool web monitor up");
	edit(&m, "set virtual-server www address 10.0.0.100 port 80 type http pool web");
	edit(&m, "set pool web member 10.0.1.11:80 weight 5");
	expect_lines(&m, "set port p0 mtu-bytes 1400\n"
			 "set port p0 address 10.0.0.1/24\n"
			 "set port p0 address fd00::1/64\n"
			 "set port p0 service ssh\n"
			 "set port p0 service ping\n"
			 "set route 0.0.0.0/0 via 10.0.0.2\n"
			 "set route 10.9.0.0/16 via 10.0.0.4,10.0.0.3\n"
			 "set management-address 10.0.9.1/24 gateway 10.0.9.2\n"
			 "set management-address fd00:9::1/64 gateway fd00:9::2\n"
			 "set monitor up type http body \"say \\\"hi\\\" \\\\ bye\"\n"
			 "set monitor up header \"X-Probe: 1\"\n"
			 "set pool web method maglev monitor up\n"
			 "set pool web member 10.0.1.11:80 weight 5 backup true\n"
			 "set pool web member [fd00::12]:8080\n"
			 "set virtual-server www address 10.0.0.100 port 80 type http pool web\n");
	model_free(&m);
}

static void
set_again_changes_nothing(void)
{
	struct model m = load(SAMPLE_FULL);
	char *lines = model_set_lines(&m);

	edit_all(&m, lines);
	expect_lines(&m, lines);
	free(lines);
	model_free(&m);
}

static void
delete_takes_objects_values_and_fields(void)
{
	struct model m = { 0 };

	edit_all(&m, "set port p0 address 10.0.0.1/24 address fd00::1/64\n"
		     "set port p1 address 10.0.1.1/24 service ssh service bgp\n"
		     "set monitor up type http host example header \"A: 1\" header \"B: 2\"\n"
		     "set pool a member 10.0.1.1:80 weight 2\n"
		     "set pool b member 10.0.1.2:80\n"
		     "set pool b member 10.0.1.3:80\n"
		     "set pool c member 10.0.1.4:80\n");
	edit_all(&m, "delete port p0 address 10.0.0.1/24\n"
		     "delete port p1 service ssh\n"
		     "delete monitor up host\n"
		     "delete monitor up header \"A: 1\"\n"
		     "delete pool a member 10.0.1.1:80 weight\n"
		     "delete pool b member 10.0.1.2:80\n"
		     "set pool b member 10.0.1.5:80\n");
	expect_contiguous(&m);
	expect_lines(&m, "set port p0\nset port p0 address fd00::1/64\n"
			 "set port p1\nset port p1 address 10.0.1.1/24\n"
			 "set port p1 service bgp\n"
			 "set monitor up type http\nset monitor up header \"B: 2\"\n"
			 "set pool a\nset pool a member 10.0.1.1:80\n"
			 "set pool b\nset pool b member 10.0.1.3:80\n"
			 "set pool b member 10.0.1.5:80\n"
			 "set pool c\nset pool c member 10.0.1.4:80\n");
	edit_all(&m, "delete pool b\ndelete port p0\ndelete monitor up header B\n"
		     "delete port p1 service\n"
		     "delete pool a member\n");
	expect_contiguous(&m);
	expect_lines(&m, "set port p1\nset port p1 address 10.0.1.1/24\n"
			 "set monitor up type http\nset pool a\n"
			 "set pool c\nset pool c member 10.0.1.4:80\n");
	model_free(&m);
}

static void
wrong_lines_are_refused_with_what_would_be_right(void)
{
	static const struct {
		const char *line, *reason;
	} rows[] = {
		{ "", "\"\" is no change; must be set ... or delete ..." },
		{ "sett pool web", "\"sett\" is no change; must be set ... or delete ..." },
		{ "set", "no such noun: \"\"; there are port, bond, vlan, route, "
			 "management-address, monitor, "
			 "tcp-profile, pool, virtual-server" },
		{ "set pol web", "no such noun: \"pol\"; did you mean \"pool\"?" },
		{ "set pool", "which pool? its name is missing" },
		{ "delete route", "which route? its prefix is missing" },
		{ "set pool web methd maglev",
		  "pool: no such field: \"methd\"; did you mean \"method\"?" },
		{ "set pool web method magleff",
		  "pool method: \"magleff\" is not known; must be one of "
		  "round-robin|least-connections|random-of-two|source-hash|maglev" },
		{ "set pool web method", "pool method: its value is missing; write "
					 "round-robin|least-connections|random-of-two|source-hash|"
					 "maglev behind it: how a member is picked; all heed the "
					 "weights" },
		{ "set pool web name other",
		  "pool name: can't be changed; delete this one and set another" },
		{ "set pool -web", "pool name: \"-web\" is no name; must be letters, digits, '-', "
				   "'_' and '.', a letter or digit first" },
		{ "set pool web member 10.0.1.11",
		  "\"10.0.1.11\" is no member; must be like \"10.0.1.11:80\" or "
		  "\"[fd00::11]:80\"" },
		{ "set pool web member fd00::1:80",
		  "\"fd00::1:80\" is no member; must be like \"10.0.1.11:80\" or "
		  "\"[fd00::11]:80\"" },
		{ "set pool web member [10.0.1.1]:80",
		  "\"[10.0.1.1]:80\" is no member; must be like \"10.0.1.11:80\" or "
		  "\"[fd00::11]:80\"" },
		{ "set pool web member :80",
		  "\":80\" is no member; must be like \"10.0.1.11:80\" or \"[fd00::11]:80\"" },
		{ "set pool web member 10.0.1.1:65536",
		  "member port: 65536 is out of range; must be 1 to 65535 (TCP port)" },
		{ "set pool web member 10.0.1.1:80 weight many",
		  "member weight: \"many\" is no number; must be a decimal number, 1 to 1000 "
		  "(shares)" },
		{ "set pool new method maglev member 10.0.1.1:80 weight 0",
		  "member weight: 0 is out of range; must be 1 to 1000 (shares)" },
		{ "set pool web member 10.0.1.1:80 backup yes",
		  "member backup: \"yes\" is not known; must be true or false" },
		{ "set port p0 addresses 10.0.0.1/24",
		  "port: no such field: \"addresses\"; did you mean \"address\"?" },
		{ "set port p0 address 10.0.0.1", "port addresses: \"10.0.0.1\" is no prefix; must "
						  "be like \"10.0.0.1/24\" or \"fd00::1/64\"" },
		{ "set monitor up header \"X-Probe", "a double quote is not closed" },
		{ "set monitor up header Host:x",
		  "monitor headers: Host is set by the monitor itself; leave it out" },
		{ "delete pool wob", "no such pool: \"wob\"; did you mean \"web\"?" },
		{ "delete route 10.0.0.0/8", "no such route: \"10.0.0.0/8\"; there is none" },
		{ "delete pool web member 10.0.1.9:80", "pool web has no member 10.0.1.9:80" },
		{ "delete port p0 address 10.0.0.9/24",
		  "port addresses: port p0 has no address 10.0.0.9/24" },
		{ "delete monitor up header X-Other", "monitor headers: there is no \"X-Other\"" },
		{ "delete monitor up type",
		  "monitor type: must be there; set another value, or delete the whole" },
		{ "delete monitor up path /", "\"/\" is too much; end the line before it" },
		{ "delete pool web name",
		  "pool name: must be there; set another value, or delete the whole" },
	};
	struct model m = { 0 };

	edit_all(&m, "set port p0 address 10.0.0.1/24\nset monitor up type http\n"
		     "set pool web member 10.0.1.1:80 weight 2\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_refused(&m, rows[i].line, rows[i].reason);
	model_free(&m);
}

static void
lines_over_the_limits_are_refused(void)
{
	char line[EDIT_LINE_BYTES + 2];
	struct model m = { 0 };

	memset(line, 'a', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	expect_refused(&m, line, "the line is longer than 4095 characters");
	for (size_t i = 0; i < EDIT_WORDS + 1; i++)
		memcpy(line + 2 * i, "a ", 3);
	expect_refused(&m, line, "the line has more than 64 words; use several lines");
	for (unsigned i = 0; i < LIMIT_PORTS; i++) {
		snprintf(line, sizeof line, "set port p%u", i);
		edit(&m, line);
	}
	expect_refused(&m, "set port p16", "more than 16 ports; LIMIT_PORTS is 16");
	for (unsigned i = 0; i < LIMIT_ADDRESSES; i++) {
		snprintf(line, sizeof line, "set port p%u address 10.0.%u.1/24", i % LIMIT_PORTS,
			 i);
		edit(&m, line);
	}
	expect_contiguous(&m);
	expect_refused(&m, "set port p3 address 10.1.0.1/24",
		       "port addresses: more than 256 on all ports together; LIMIT_ADDRESSES is "
		       "256");
	model_free(&m);
}

static void
vlans_and_ports_keep_their_addresses_apart(void)
{
	struct model m = { 0 };

	edit_all(&m, "set vlan v1 port p0 tag 7 address 10.1.0.1/24\n"
		     "set port p0 address 10.0.0.1/24\n"
		     "set vlan v2 address 10.2.0.1/24 port p0 tag 8 address fd02::1/64\n"
		     "set port p1 address 10.3.0.1/24\n"
		     "set vlan v1 address fd01::1/64\n"
		     "set port p0 address fd00::1/64\n");
	expect_contiguous(&m);
	edit(&m, "delete vlan v1 address 10.1.0.1/24");
	edit(&m, "delete port p1");
	expect_contiguous(&m);
	expect_lines(&m, "set port p0\n"
			 "set port p0 address 10.0.0.1/24\n"
			 "set port p0 address fd00::1/64\n"
			 "set vlan v1 port p0 tag 7\n"
			 "set vlan v1 address fd01::1/64\n"
			 "set vlan v2 port p0 tag 8\n"
			 "set vlan v2 address 10.2.0.1/24\n"
			 "set vlan v2 address fd02::1/64\n");
	expect_refused(&m, "delete vlan v2 address 10.9.0.1/24",
		       "vlan addresses: vlan v2 has no address 10.9.0.1/24");
	expect_refused(&m, "set vlan v2 tag 4095",
		       "vlan tag: 4095 is out of range; must be 1 to 4094 (VLAN tag)");
	edit(&m, "delete vlan v1");
	expect_contiguous(&m);
	model_free(&m);
}

static void
ports_of_bonds_come_and_go_one_by_one(void)
{
	struct model m = { 0 };

	edit_all(&m, "set vlan v1 port b0 tag 7 address 10.1.0.1/24\n"
		     "set bond b0 mode lacp port p0 port p1 address 10.0.0.1/24\n"
		     "set bond b0 port p0\n"
		     "set port p9 address 10.9.0.1/24\n"
		     "set bond b1 port p2 port p3 port p4 mode active-backup\n"
		     "set bond b0 address fd00::1/64\n"
		     "set bond b1 address 10.2.0.1/24 service ssh\n");
	expect_contiguous(&m);
	edit(&m, "delete bond b1 port p3");
	expect_lines(&m, "set port p9\n"
			 "set port p9 address 10.9.0.1/24\n"
			 "set bond b0 mode lacp\n"
			 "set bond b0 port p0\n"
			 "set bond b0 port p1\n"
			 "set bond b0 address 10.0.0.1/24\n"
			 "set bond b0 address fd00::1/64\n"
			 "set bond b1 mode active-backup\n"
			 "set bond b1 port p2\n"
			 "set bond b1 port p4\n"
			 "set bond b1 address 10.2.0.1/24\n"
			 "set bond b1 service ssh\n"
			 "set vlan v1 port b0 tag 7\n"
			 "set vlan v1 address 10.1.0.1/24\n");
	expect_refused(&m, "delete bond b1 port p3", "bond ports: there is no \"p3\"");
	expect_refused(&m, "set bond b0 port -",
		       "bond ports: \"-\" is no name; must be letters, digits, '-', '_' and '.', a "
		       "letter or digit first");
	expect_refused(&m, "set bond b0 port a port b port c port d port e port f port g",
		       "bond ports: more than 8; LIMIT_BOND_PORTS is 8");
	expect_refused(&m, "set bond b0 mode balance",
		       "bond mode: \"balance\" is not known; must be one of active-backup|lacp");
	edit(&m, "delete bond b1 port");
	edit(&m, "delete bond b0");
	expect_contiguous(&m);
	CU_ASSERT_EQUAL(m.bonds[0].ports.count, 0);
	model_free(&m);
}

static void
what_an_edit_leaves_open_is_said_with_names(void)
{
	struct errors errors = { 0 };
	char text[2048];
	struct model m = { 0 };

	edit_all(&m, "set port p0 address 10.0.0.1/24\nset pool web\n"
		     "set pool other monitor gone member 10.0.0.7:80\n"
		     "set virtual-server www pool web\n"
		     "set virtual-server xxx address 10.0.0.8 port 80 type tcp pool gone\n"
		     "set virtual-server yyy address 10.0.0.8 port 80 type tcp pool other\n");
	CU_ASSERT_FALSE(model_validate(&m, &errors));
	errors_format(&errors, NULL, text, sizeof text);
	CU_ASSERT_STRING_EQUAL(
	    text, "virtual-server \"www\": address is missing: the address that clients reach\n"
		  "virtual-server \"www\": port is missing: the TCP port that clients reach\n"
		  "virtual-server \"www\": type is missing: tcp: bytes are passed on; http: "
		  "requests are parsed and balanced one by one\n"
		  "pool \"web\": has no member; a pool has at least one\n"
		  "pool \"other\": there is no monitor \"gone\"; must be one in the list of "
		  "monitors\n"
		  "virtual server \"xxx\": there is no pool \"gone\"; must be one in the list of "
		  "pools\n"
		  "virtual server \"yyy\": address and port are those of \"xxx\"; must differ\n");
	model_free(&m);
}

static void
pool_of_a_text_that_loses_its_members_is_said(void)
{
	static const char text[] =
	    "version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/24\" ]; } );"
	    "pools = ( { name = \"web\"; members = ( { address = \"10.0.0.2\"; port = 80; } ); } "
	    ");";
	struct errors errors = { 0 };
	struct model m;

	CU_ASSERT_FATAL(model_load(text, strlen(text), &m, &errors));
	CU_ASSERT_FATAL(model_edit(&m, "delete pool web member 10.0.0.2:80", &errors));
	CU_ASSERT_FALSE(model_validate(&m, &errors));
	CU_ASSERT_EQUAL(errors.count, 1);
	CU_ASSERT_STRING_EQUAL(errors.error[0].text,
			       "pool \"web\": has no member; a pool has at least one");
	model_free(&m);
}

/* A word of a line: what a person might write for this field. */
static void
random_value(struct rng *rng, const struct schema_field *field, char *out)
{
	static const char *const names[] = { "a", "b", "c.2", "d-e_F" };
	static const char *const statuses[] = { "200", "200-399", "204,301-302,599" };
	uint32_t n = rng_below(rng, 4);

	switch (field->type) {
	case SCHEMA_NAME:
	case SCHEMA_NAMES:
	case SCHEMA_REFERENCE:
		sprintf(out, "%s", names[n]);
		break;
	case SCHEMA_PATH:
		sprintf(out, "/%u?\\x", n);
		break;
	case SCHEMA_HOST:
		sprintf(out, n ? "host%u" : "\"\"", n);
		break;
	case SCHEMA_TEXT:
		sprintf(out, n ? "\"a \\\"b\\\" \\\\ %u\"" : "\"\"", n);
		break;
	case SCHEMA_NUMBER:
		sprintf(out, "%u", field->min + rng_below(rng, field->max - field->min + 1));
		break;
	case SCHEMA_BOOL:
		sprintf(out, "%s", n & 1 ? "true" : "false");
		break;
	case SCHEMA_CHOICE:
	case SCHEMA_CHOICES:
		schema_choice_word(field->values, n % 2, out);
		break;
	case SCHEMA_ADDRESS:
		sprintf(out, n & 1 ? "10.0.0.%u" : "fd00::%u", n + 1);
		break;
	case SCHEMA_PREFIX:
	case SCHEMA_PREFIXES:
		sprintf(out, n & 1 ? "10.%u.0.0/16" : "fd0%u::/64", n);
		break;
	case SCHEMA_GATEWAYS:
		sprintf(out, n & 1 ? "10.0.0.%u,10.0.1.%u" : "fd00::%u", n + 1, n + 2);
		break;
	case SCHEMA_STATUSES:
		sprintf(out, "%s", statuses[n % 3]);
		break;
	case SCHEMA_HEADERS:
		sprintf(out, n & 1 ? "\"X-%u: \\\"q\\\"\"" : "Y-%u:", n);
		break;
	case SCHEMA_MEMBERS:
		sprintf(out, n & 1 ? "10.0.1.%u:80" : "[fd00::%u]:443", n + 1);
		break;
	}
}

static void
random_line(struct rng *rng, char *line)
{
	enum schema_noun noun = rng_below(rng, SCHEMA_NOUN_COUNT - 1);
	bool delete = rng_below(rng, 3) == 0;
	char word[SCHEMA_TEXT_NAME_BYTES], value[128];
	size_t f, len;

	noun += noun >= SCHEMA_NOUN_member;
	for (f = 0; schema_fields[f].noun != noun; f++)
		;
	random_value(rng, &schema_fields[f], value); /* the key is the first */
	len = (size_t)sprintf(line, "%s %s %s", delete ? "delete" : "set",
			      schema_text_name(schema_nouns[noun].noun, word), value);
	for (; f < schema_field_count && !(delete && rng_below(rng, 3) == 0); f++) {
		const struct schema_field *field = &schema_fields[f];

		if (field->noun != noun || schema_is_key(field) || rng_below(rng, 3))
			continue;
		random_value(rng, field, value);
		len += (size_t)sprintf(line + len, " %s", schema_word(field, word));
		if (!delete || field->type == SCHEMA_MEMBERS || field->type == SCHEMA_HEADERS)
			len += (size_t)sprintf(line + len, " %s", value);
		if (delete)
			return;
		if (field->type == SCHEMA_MEMBERS)
			len += (size_t)sprintf(line + len, " weight %u", 1 + rng_below(rng, 4));
	}
}

/* Random lines; after each, the set lines make the same model out of nothing. */
static void
set_lines_of_any_model_make_it_again(void)
{
	struct rng rng;
	struct model m = { 0 };
	unsigned applied = 0;

	rng_init(&rng, 20261121);
	for (unsigned i = 0; i < 1000; i++) {
		struct errors errors = { 0 };
		struct model again = { 0 };
		char line[EDIT_LINE_BYTES], *lines, *text, *text_again;

		random_line(&rng, line);
		applied += model_edit(&m, line, &errors);
		expect_contiguous(&m);
		lines = model_set_lines(&m);
		edit_all(&again, lines);
		text = model_save(&m);
		text_again = model_save(&again);
		CU_ASSERT_STRING_EQUAL_FATAL(text_again, text);
		expect_lines(&again, lines);
		free(lines);
		free(text);
		free(text_again);
		model_free(&again);
	}
	CU_ASSERT(applied > 500);
	model_free(&m);
}

static unsigned
count_lines(const char *text, char sign)
{
	unsigned count = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		count += sign == '\0' || *text == sign;
	return count;
}

/* Comparing with nothing says all of it; with the model before an edit, only what the edit did. */
static void
compare_says_what_an_edit_did(void)
{
	struct model m = { 0 }, nothing = { 0 }, before;
	struct rng rng;

	rng_init(&rng, 99);
	for (unsigned i = 0; i < 1000; i++) {
		struct errors errors = { 0 };
		char line[EDIT_LINE_BYTES], *old, *new, *changes, *all, *back;

		CU_ASSERT_TRUE_FATAL(model_copy(&m, &before));
		random_line(&rng, line);
		(void)!model_edit(&m, line, &errors);
		old = model_set_lines(&before);
		new = model_set_lines(&m);
		changes = model_compare(&before, &m);
		back = model_compare(&m, &before);
		all = model_compare(&nothing, &m);
		CU_ASSERT_EQUAL(strcmp(old, new) == 0, changes[0] == '\0');
		CU_ASSERT_EQUAL(count_lines(changes, '+'), count_lines(back, '-'));
		CU_ASSERT_EQUAL(count_lines(changes, '-'), count_lines(back, '+'));
		CU_ASSERT_EQUAL(count_lines(changes, '!'), 0);
		CU_ASSERT_EQUAL(count_lines(all, '+'), count_lines(new, '\0'));
		CU_ASSERT_EQUAL(count_lines(all, '\0'), count_lines(new, '\0'));
		free(old);
		free(new);
		free(changes);
		free(back);
		free(all);
		model_free(&before);
	}
	model_free(&m);
}

/* Bytes of good lines changed at random: refused or not, the model stays one. */
static void
damaged_lines_do_not_break_the_model(void)
{
	struct model m = { 0 };
	struct rng rng;

	rng_init(&rng, 7);
	for (unsigned i = 0; i < 6000; i++) {
		struct errors errors = { 0 };
		char line[EDIT_LINE_BYTES];
		size_t len;
		bool ok;

		random_line(&rng, line);
		len = strlen(line);
		for (uint32_t n = rng_below(&rng, 4); n > 0; n--)
			line[rng_below(&rng, (uint32_t)len)] = (char)(1 + rng_below(&rng, 255));
		ok = model_edit(&m, line, &errors);
		CU_ASSERT_EQUAL(errors.count, ok ? 0 : 1);
		if (i % 100 == 0) {
			struct model again = { 0 };
			char *lines = model_set_lines(&m);

			expect_contiguous(&m);
			edit_all(&again, lines);
			expect_lines(&again, lines);
			free(lines);
			model_free(&again);
		}
	}
	model_free(&m);
}

static void
set_lines_of_the_sample_make_it_again(void)
{
	struct model m = load(SAMPLE_FULL), again = { 0 };
	char *lines = model_set_lines(&m), *text = model_save(&m), *text_again;

	edit_all(&again, lines);
	text_again = model_save(&again);
	CU_ASSERT_STRING_EQUAL(text_again, text);
	free(lines);
	free(text);
	free(text_again);
	model_free(&m);
	model_free(&again);
}

/* The longest of everything still makes lines that can be read. */
static void
longest_values_fit_a_line(void)
{
	char text[2 * EDIT_LINE_BYTES], quotes[256], statuses[1100] = "100", *lines;
	struct model m = { 0 }, again = { 0 };
	struct errors errors = { 0 };

	memset(quotes, '"', sizeof quotes - 1);
	quotes[sizeof quotes - 1] = '\0';
	for (unsigned status = 102; status < 600; status += 2)
		sprintf(statuses + strlen(statuses), ",%u", status);
	snprintf(text, sizeof text, "set monitor up type http status %s", statuses);
	CU_ASSERT_TRUE(model_edit(&m, text, &errors));
	memcpy(m.monitors[0].body, quotes, LIMIT_BODY_MATCH_BYTES + 1);
	memcpy(m.monitors[0].path, quotes, LIMIT_PATH_BYTES + 1);
	m.monitors[0].path[0] = '/';
	memcpy(m.monitors[0].host, quotes, LIMIT_HOST_BYTES);
	memset(m.monitors[0].name, 'n', LIMIT_NAME_BYTES);
	lines = model_set_lines(&m);
	edit_all(&again, lines);
	expect_lines(&again, lines);
	free(lines);
	model_free(&m);
	model_free(&again);
}

CU_TestInfo test_edit[] = {
	{ "edit_set_makes_objects_and_changes_fields", set_makes_objects_and_changes_fields },
	{ "edit_set_again_changes_nothing", set_again_changes_nothing },
	{ "edit_delete_takes_objects_values_and_fields", delete_takes_objects_values_and_fields },
	{ "edit_wrong_lines_are_refused_with_what_would_be_right",
	  wrong_lines_are_refused_with_what_would_be_right },
	{ "edit_lines_over_the_limits_are_refused", lines_over_the_limits_are_refused },
	{ "edit_ports_of_bonds_come_and_go_one_by_one", ports_of_bonds_come_and_go_one_by_one },
	{ "edit_vlans_and_ports_keep_their_addresses_apart",
	  vlans_and_ports_keep_their_addresses_apart },
	{ "edit_what_an_edit_leaves_open_is_said_with_names",
	  what_an_edit_leaves_open_is_said_with_names },
	{ "edit_pool_of_a_text_that_loses_its_members_is_said",
	  pool_of_a_text_that_loses_its_members_is_said },
	{ "edit_set_lines_of_any_model_make_it_again", set_lines_of_any_model_make_it_again },
	{ "edit_set_lines_of_the_sample_make_it_again", set_lines_of_the_sample_make_it_again },
	{ "compare_says_what_an_edit_did", compare_says_what_an_edit_did },
	{ "edit_damaged_lines_do_not_break_the_model", damaged_lines_do_not_break_the_model },
	{ "edit_longest_values_fit_a_line", longest_values_fit_a_line },
	CU_TEST_INFO_NULL,
};
