/*
 * Health as a pure state machine, and what a probe says and expects. dataplane/probe.c runs probes
 * over the worker's TCP.
 */
#ifndef DATAPLANE_HEALTH_HEALTH_H
#define DATAPLANE_HEALTH_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/generation.h"
#include "fw/abi/health.h"

/*
 * Enters the result of a probe: counts successes and failures in a row and changes the state at
 * rise and fall (from unknown the first success brings it up at once, so that a fresh start serves
 * quickly; fall failures in a row take it down). Cause resources, a probe that we could not run, is
 * recorded and changes nothing else. Answers whether the state changed. now_unix_us is wall clock,
 * for the record.
 */
bool health_result(struct health_entry *entry, const struct gen_monitor *monitor,
		   enum health_cause cause, uint64_t now_unix_us);

/*
 * Enters what became of a connection of a session to the member: passive_fall failures in a row (0:
 * they don't count) take it down with cause passive, an ok one begins a new row. A monitor brings it
 * back by `rise` successes; without one, health_left_alone makes it unknown again. Answers whether
 * the state changed.
 */
bool
health_connection(struct health_entry *entry, uint32_t passive_fall, bool ok, uint64_t now_unix_us);
/* A member without a monitor that is down was left alone for long enough. */
void health_left_alone(struct health_entry *entry, uint64_t now_unix_us);

/*
 * Writes the request of an HTTP probe into out; answers its length, 0 if it doesn't fit.
 * User-Agent: Fairlead-monitor, Connection: close; the monitor's own fields come last. Borrows all.
 */
uint32_t health_http_request(const struct generation *gen, const struct gen_monitor *monitor,
			     const struct endpoint *member, char *out, uint32_t cap);

/* Follows the start of an HTTP response; zeroed memory is a good start. */
struct health_http_answer {
	char line[64];  /* start of the line that is coming in */
	uint32_t len;   /* bytes in line */
	uint32_t total; /* bytes fed */
	bool after_cr;  /* the last byte was a CR */
	bool interim;   /* in the fields of an interim response (1xx) */
};
/*
 * Feeds bytes received. HEALTH_CAUSE_none: more is needed; otherwise the probe's result (ok,
 * status, malformed), decided at the end of the first final response's status line. Not to be fed
 * after a result.
 */
enum health_cause
health_http_feed(struct health_http_answer *answer, const struct gen_monitor *monitor,
		 const char *bytes, uint32_t len);

#define HEALTH_BODY_MAX_BYTES 65536u /* of a body, in which the text must occur */

/* Where the search for a text in a body stands; zeroed memory is a good start. */
struct health_search {
	uint32_t fed;     /* bytes searched, up to HEALTH_BODY_MAX_BYTES */
	uint32_t matched; /* of the text, at the end of these */
};
/*
 * Searches the next len bytes of a body (payload, without its framing) for the text, of 1 to
 * LIMIT_BODY_MATCH_BYTES. True: found. What lies beyond HEALTH_BODY_MAX_BYTES is not looked at. Not
 * to be fed after it was found.
 */
bool
health_body_feed(struct health_search *search, struct str text, const char *bytes, uint32_t len);

/*
 * When the first probe of a target is due: spread over the interval by a hash of the target, but
 * soon: within the first second at most.
 */
uint64_t
health_first_probe_us(const struct gen_monitor *monitor, uint64_t target_hash, uint64_t now_us);

#endif
