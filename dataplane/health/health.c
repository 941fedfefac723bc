/*
 * The state machine of one watched target: rise and fall (who runs the probes, and when, is dataplane/probe.c).
 *
 *   unknown  first success -> up;  `fall` failures in a row -> down
 *   up       `fall` failures in a row -> down
 *   down     `rise` successes in a row -> up
 *
 * Beside it stand the connections of sessions: `passive_fall` failures in a row take down whatever is not down. Then the
 * row of the monitor's successes begins anew; without a monitor nothing comes, and after its time down becomes unknown.
 *
 * A probe that we could not run for want of our own resources says nothing about the target and changes no state or count.
 */
#include "dataplane/health/health.h"

#include "fw/base/assert.h"

#define FIRST_PROBE_WITHIN_US 1000000u

static enum health_state
next_state(const struct health_entry *entry, const struct gen_monitor *monitor);
static void count(uint32_t *this_way, uint32_t *other_way);
static void change(struct health_entry *entry, enum health_state next, uint64_t now_unix_us);

bool
health_result(struct health_entry *entry, const struct gen_monitor *monitor,
	      enum health_cause cause, uint64_t now_unix_us)
{
	enum health_state next;

	ASSERT(cause > HEALTH_CAUSE_none && cause < HEALTH_CAUSE_COUNT);
	entry->cause = (uint8_t)cause;
	entry->probes++;
	entry->probed_unix_us = now_unix_us;
	if (cause == HEALTH_CAUSE_resources)
		return false;
	if (cause == HEALTH_CAUSE_ok)
		count(&entry->successes, &entry->failures);
	else
		count(&entry->failures, &entry->successes);
	next = next_state(entry, monitor);
	if (next == entry->state)
		return false;
	change(entry, next, now_unix_us);
	return true;
}

static void
change(struct health_entry *entry, enum health_state next, uint64_t now_unix_us)
{
	entry->state = (uint8_t)next;
	entry->transitions++;
	entry->changed_unix_us = now_unix_us;
}

bool
health_connection(struct health_entry *entry, uint32_t passive_fall, bool ok, uint64_t now_unix_us)
{
	if (ok || entry->state == HEALTH_DOWN) {
		entry->passive_failures = 0;
		return false;
	}
	if (passive_fall == 0 || ++entry->passive_failures < passive_fall)
		return false;
	entry->passive_failures = 0;
	entry->successes = 0;
	entry->cause = HEALTH_CAUSE_passive;
	change(entry, HEALTH_DOWN, now_unix_us);
	return true;
}

void
health_left_alone(struct health_entry *entry, uint64_t now_unix_us)
{
	ASSERT(entry->state == HEALTH_DOWN);
	entry->cause = HEALTH_CAUSE_passive_over;
	change(entry, HEALTH_UNKNOWN, now_unix_us);
}

static enum health_state
next_state(const struct health_entry *entry, const struct gen_monitor *monitor)
{
	uint32_t enough = entry->state == HEALTH_UNKNOWN ? 1 : monitor->rise;

	if (entry->successes && entry->successes >= enough)
		return HEALTH_UP;
	if (entry->failures && entry->failures >= monitor->fall)
		return HEALTH_DOWN;
	return (enum health_state)entry->state;
}

static void
count(uint32_t *this_way, uint32_t *other_way)
{
	if (*this_way < UINT32_MAX)
		++*this_way;
	*other_way = 0;
}

uint64_t
health_first_probe_us(const struct gen_monitor *monitor, uint64_t target_hash, uint64_t now_us)
{
	uint64_t spread_us = (uint64_t)monitor->interval_ms * 1000;

	if (spread_us > FIRST_PROBE_WITHIN_US)
		spread_us = FIRST_PROBE_WITHIN_US;
	return spread_us ? now_us + target_hash % spread_us : now_us;
}
