/*
 * Model to generation and back. A generation holds all of the model but its line numbers.
 */
#ifndef MGMT_PUSH_COMPILE_H
#define MGMT_PUSH_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/generation.h"
#include "mgmt/model/model.h"

/*
 * Compiles a valid model (model_validate said yes). What was in previous (checked; NULL: nothing)
 * keeps its stats slot. ERR_no_memory, ERR_too_long. Gives *out, to be freed with free().
 */
enum err
compile(const struct model *model, const struct generation *previous, uint64_t number,
	uint64_t created_unix_s, struct generation **out) __attribute__((warn_unused_result));
/*
 * The model that a checked generation was made from, lines 0. ERR_no_memory. Gives the model's
 * arrays.
 */
enum err
decompile(const struct generation *gen, struct model *model) __attribute__((warn_unused_result));

#endif
