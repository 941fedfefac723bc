/*
 * The text in which a port, a wrapper and its figures are described: "key=value,key=value".
 */
#ifndef DRIVERS_PORT_PORT_SPEC_H
#define DRIVERS_PORT_PORT_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/base/str.h"

/* One "key=value"; value.at is NULL where there was no '='. Lends parts of the spec. */
struct port_option {
	struct str key, value;
};

/* Takes the first option off rest; false at the end. "a=1,,b=2" has an option with an empty key. */
bool port_spec_next(struct str *rest, struct port_option *out);

/* Figures with their unit, decimals allowed; false and *out untouched on anything else. */
bool port_spec_share(struct str text, uint32_t *parts_per_million); /* "2%", "0.1%"; 0% to 100% */
bool port_spec_time(struct str text, uint64_t *us); /* "20ms", "500us", "1.5s"; up to an hour */
bool port_spec_rate(struct str text,
		    uint64_t *bits_per_second); /* "100mbit", "2.5gbit", "64kbit"; not 0 */
bool port_spec_bytes(struct str text,
		     uint64_t *bytes); /* "1500b", "250kb", "1.25mb"; kb is 1,000; not 0 */

#endif
