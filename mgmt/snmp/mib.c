/*
 * The tables behind the MIB as data, and the names that their objects have in it.
 */
#include "mgmt/snmp/mib.h"

#include <ctype.h>
#include <string.h>

#include "fw/abi/stats.h"
#include "fw/base/assert.h"

const struct mib_table_info mib_tables[MIB_TABLE_COUNT] = {
#define TABLE(table, arc, indexes, text) { #table, arc, indexes, text },
#include "mgmt/snmp/mib.tbl"
};

const struct mib_object mib_objects[] = {
#define OBJECT(t, n, a, k, v, words)                                                               \
	{ .id = MIB_##t##_##n,                                                                     \
	  .table = MIB_TABLE_##t,                                                                  \
	  .name = #n,                                                                              \
	  .arc = a,                                                                                \
	  .kind = MIB_##k,                                                                         \
	  .values = v,                                                                             \
	  .text = words },
#include "mgmt/snmp/mib.tbl"
#define COUNTER(t, i, n, u, words, at)                                                             \
	{ .id = i,                                                                                 \
	  .table = t,                                                                              \
	  .name = n,                                                                               \
	  .arc = MIB_COUNTER_ARC + at,                                                             \
	  .kind = MIB_COUNTER,                                                                     \
	  .unit = u,                                                                               \
	  .text = words,                                                                           \
	  .counter = at },
#define X(n, u, words)                                                                             \
	COUNTER(MIB_TABLE_virtual_server, MIB_VS_COUNTER, #n, u, words, VS_COUNTER_##n)
#include "fw/abi/vs_counters.tbl"
#define X(n, u, words)                                                                             \
	COUNTER(MIB_TABLE_member, MIB_MEMBER_COUNTER, #n, u, words, MEMBER_COUNTER_##n)
#include "fw/abi/member_counters.tbl"
};

const size_t mib_object_count = ARRAY_SIZE(mib_objects);

const struct mib_object *
mib_find(enum mib_table table, uint32_t arc)
{
	for (size_t i = 0; i < mib_object_count; i++)
		if (mib_objects[i].table == table && mib_objects[i].arc == arc)
			return &mib_objects[i];
	return NULL;
}

bool
mib_is_index(const struct mib_object *object)
{
	return object->kind >= MIB_INDEX_NAME;
}

enum mib_kind
mib_kind_of(const struct mib_object *object)
{
	return object->kind == MIB_COUNTER && strcmp(object->unit, "now") == 0 ? MIB_GAUGE
									       : object->kind;
}

const char *
mib_camel(const char *words, char out[MIB_NAME_BYTES])
{
	bool up = false;
	size_t len = 0;

	for (; *words; words++) {
		if (*words == '_' || *words == '-') {
			up = true;
			continue;
		}
		ASSERT(len + 1 < MIB_NAME_BYTES);
		out[len++] = (char)(up ? toupper((unsigned char)*words) : *words);
		up = false;
	}
	out[len] = '\0';
	return out;
}

/* The scalars are fairleadVersion and so on: in other modules there are systems, too. */
const char *
mib_object_name(const struct mib_object *object, char out[MIB_NAME_BYTES])
{
	const char *prefix =
	    object->table == MIB_TABLE_system ? "fairlead" : mib_tables[object->table].name;
	char words[2 * MIB_NAME_BYTES];

	snprintf(words, sizeof words, "%s_%s", prefix, object->name);
	return mib_camel(words, out);
}

bool
mib_label(const struct mib_object *object, uint32_t at, char out[MIB_NAME_BYTES])
{
	const char *from = object->values, *end;
	char word[MIB_NAME_BYTES];

	for (; *from && at > 0; at--) {
		from += strcspn(from, "|");
		from += *from == '|';
	}
	end = from + strcspn(from, "|");
	if (end == from)
		return false;
	snprintf(word, sizeof word, "%.*s", (int)(end - from), from);
	mib_camel(word, out);
	return true;
}

const char *
mib_oid(const struct mib_object *object, char out[MIB_OID_BYTES])
{
	if (object->table == MIB_TABLE_system)
		snprintf(out, MIB_OID_BYTES, "%u.%u.%u", MIB_OBJECTS_ARC,
			 mib_tables[object->table].arc, object->arc);
	else
		snprintf(out, MIB_OID_BYTES, "%u.%u.%u.%u", MIB_OBJECTS_ARC,
			 mib_tables[object->table].arc, MIB_ENTRY_ARC, object->arc);
	return out;
}
