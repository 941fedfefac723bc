/*
 * A traced packet's walk as text, station by station in the order that it took.
 */
#ifndef MGMT_CLI_WALK_H
#define MGMT_CLI_WALK_H

#include <stdint.h>
#include <stdio.h>

#include "fw/abi/tap.h"

/* The number-th walk; port: name of the port. record is a trace's, checked by tap_record_next. Borrows. */
void walk_print(FILE *out, uint64_t number, const char *port, const struct tap_record *record);

#endif
