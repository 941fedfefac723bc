/*
 * Captures and traces, the command line's part: a filter's text to a plan, and records as they come, until
 * there are enough or the user says so (^C).
 */
#ifndef MGMT_CLI_TAP_H
#define MGMT_CLI_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/tap.h"
#include "mgmt/cli/cli.h"

/* All ports, whole frames and no end. */
void tap_plan_all(struct tap_plan *plan);
/*
 * The filter (pcap-filter(7), over Ethernet frames; "" lets all through) into the plan; tag: only frames of
 * that VLAN, 0: all. False: said why on cli->err.
 */
bool tap_compile(struct cli *cli, const char *filter, uint32_t tag, struct tap_plan *plan);
/*
 * Restricts the plan to the port of that name, or to the port of the VLAN of that name, and says its tag for
 * tap_compile, 0: it is a port. False: there is none, and said so.
 */
bool tap_set_port(struct cli *cli, const struct stats *stats, const char *port,
		  struct tap_plan *plan, uint32_t *tag);
/* A positive number; false: said that `text` is none of `what`. */
bool
tap_number(struct cli *cli, const char *what, const char *text, uint64_t max, uint64_t *number);

/* What came of it. */
struct tap_result {
	uint64_t matched,
	    lost; /* frames that the filter let through; of these: no room in the ring */
};

struct tap_reader {
	/* it has begun; false: it is in vain, and was said why. NULL: nothing is to be done then */
	bool (*begun)(void *context);
	/* takes a record; false: enough */
	bool (*take)(void *context, const struct tap_record *record);
	void *context;
};

/* Begins, says so, hands all records to the reader, ends. Messages go to cli->err. Borrows. */
enum cli_code tap_run(struct cli *cli, enum tap_kind kind, const struct tap_plan *plan,
		      const struct tap_reader *reader, struct tap_result *result);

#endif
