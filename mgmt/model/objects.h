/*
 * The objects of a noun as data: where they lie, which one has a key, taking them out and in.
 */
#ifndef MGMT_MODEL_OBJECTS_H
#define MGMT_MODEL_OBJECTS_H

#include <stdint.h>

#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"

#define OBJECTS_ABSENT UINT32_MAX

/* Lends the noun's array, NULL if it never had one, and its count. */
void *objects_of(const struct model *model, enum schema_noun noun, uint32_t **count);
/* The field that tells a noun's objects apart, a member's first one. */
const struct schema_field *objects_key(enum schema_noun noun);
/* The place of the object with this key, a value of that field; OBJECTS_ABSENT: there is none. */
uint32_t objects_find(const struct model *model, enum schema_noun noun, const void *key);
/* Whether it has a row, see model.h: ports, bonds and VLANs. */
bool objects_is_row(enum schema_noun noun);
/* Of such a noun's object: its row. */
uint32_t objects_row(const struct model *model, enum schema_noun noun, uint32_t index);
/* With its members or addresses. */
void objects_remove(struct model *model, enum schema_noun noun, uint32_t index);
/* As the last of the pool or row. The array has room for one more. */
void objects_add_member(struct model *model, uint32_t pool, const struct model_member *member);
void objects_add_address(struct model *model, uint32_t row, const struct model_prefix *prefix);
/* first: counted from the pool's or row's first. */
void
objects_remove_members(struct model *model, uint32_t pool, uint32_t first, uint32_t member_count);
void
objects_remove_addresses(struct model *model, uint32_t row, uint32_t first, uint32_t address_count);
/*
 * Puts the addresses into the order of the rows: a text may name the VLANs before the ports. False:
 * out of memory, they are as before.
 */
bool objects_order_addresses(struct model *model) __attribute__((warn_unused_result));

#endif
