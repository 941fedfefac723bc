/*
 * The timer wheel. Every path that waits for something waits here: workers call wheel_expire each turn and sleep
 * no longer than wheel_next_us.
 *
 * Level 0 has a slot a tick for the next 256 ticks, level 1 a slot for each 256 ticks, and so on. When the
 * wheel comes to the first tick of a coarser slot, that slot's nodes move down to where they belong now. Between two
 * ticks at which something is to be done the wheel jumps, by way of a bitmap of the slots that are not empty.
 *
 * Most timers are put off again and again and hardly ever fire. So a node whose deadline moves further away stays where it
 * is, and is linked anew only if the wheel gets there (or moves it down) before it was stopped.
 *
 * What holds between calls, with position(L) = now_tick / 256^L:
 * - a node stands at its deadline's place or at an earlier one;
 * - level 0 has nodes of ticks now_tick .. now_tick + 255; those in the slot of now_tick itself are past due, or were put off;
 * - level L has nodes of positions position(L) + 1 .. position(L) + 256, and its slot of position(L) is
 *   still to be moved down if now_tick is the first tick of it. So nothing needs to remember that a move was
 *   left unfinished.
 */
#include "fw/base/wheel.h"

#include <string.h>

#include "fw/base/assert.h"

#define LEVEL_BITS 8
#define SLOT_MASK  (WHEEL_SLOTS - 1)
#define SPAN_TICKS ((uint64_t)1 << (LEVEL_BITS * WHEEL_LEVELS))
#define NEVER      UINT64_MAX

STATIC_ASSERT(WHEEL_SLOTS == 1 << LEVEL_BITS, "LEVEL_BITS bits of a tick name a slot");

static void move(struct wheel *wheel, uint32_t index, uint64_t due_us);
static void link_at_deadline(struct wheel *wheel, uint32_t index);
static uint64_t tick_of(const struct wheel *wheel, uint64_t due_us);
static unsigned level_of(uint64_t ticks_ahead);
static bool move_down_one(struct wheel *wheel);
static bool was_put_off(const struct wheel *wheel, uint32_t index);
static uint32_t pending_slot(const struct wheel *wheel);
static uint64_t next_tick(const struct wheel *wheel);
static unsigned distance(const uint64_t occupied[], unsigned from);
static void link_last(struct wheel *wheel, uint32_t slot, uint32_t index);
static void unlink_node(struct wheel *wheel, uint32_t index);

static struct wheel_node *
node_at(const struct wheel *wheel, uint32_t index)
{
	return (struct wheel_node *)(wheel->first_node + (size_t)index * wheel->stride);
}

static unsigned
slot_at(uint64_t tick, unsigned level)
{
	return (tick >> (level * LEVEL_BITS)) & SLOT_MASK;
}

void
wheel_init(struct wheel *wheel, void *first_node, uint32_t stride, uint64_t now_us)
{
	ASSERT(stride >= sizeof(struct wheel_node) && stride % _Alignof(struct wheel_node) == 0);
	*wheel = (struct wheel){
		.first_node = first_node,
		.stride = stride,
		.now_us = now_us,
		.now_tick = now_us / WHEEL_TICK_US,
	};
	memset(wheel->slot, 0xff, sizeof wheel->slot);
}

void
wheel_node_init(struct wheel_node *node)
{
	*node = (struct wheel_node){ 0 };
}

void
wheel_start(struct wheel *wheel, uint32_t index, uint64_t due_us)
{
	struct wheel_node *node = node_at(wheel, index);

	if (wheel_node_is_started(node)) {
		if (due_us < node->due_us)
			move(wheel, index, due_us);
		else
			node->due_us = due_us;
		return;
	}
	node->due_us = due_us;
	wheel->armed++;
	link_at_deadline(wheel, index);
}

static void
move(struct wheel *wheel, uint32_t index, uint64_t due_us)
{
	unlink_node(wheel, index);
	node_at(wheel, index)->due_us = due_us;
	link_at_deadline(wheel, index);
}

static void
link_at_deadline(struct wheel *wheel, uint32_t index)
{
	uint64_t tick = tick_of(wheel, node_at(wheel, index)->due_us);
	unsigned level = level_of(tick - wheel->now_tick);

	link_last(wheel, level * WHEEL_SLOTS + slot_at(tick, level), index);
}

void
wheel_stop(struct wheel *wheel, uint32_t index)
{
	if (!wheel_node_is_started(node_at(wheel, index)))
		return;
	unlink_node(wheel, index);
	wheel->armed--;
}

bool
wheel_expire(struct wheel *wheel, uint64_t now_us, uint32_t *index)
{
	uint64_t until = now_us / WHEEL_TICK_US;

	if (now_us < wheel->now_us)
		return false;
	wheel->now_us = now_us;
	if (!wheel_may_expire(wheel, now_us)) {
		wheel->now_tick = until > wheel->now_tick ? until : wheel->now_tick;
		return false;
	}
	for (unsigned work = 0; work < WHEEL_WORK;) {
		uint32_t first = wheel->slot[slot_at(wheel->now_tick, 0)];

		if (move_down_one(wheel)) {
			work++;
		} else if (first != WHEEL_IDLE && was_put_off(wheel, first)) {
			move(wheel, first, node_at(wheel, first)->due_us);
			work++;
		} else if (first != WHEEL_IDLE) {
			wheel_stop(wheel, first);
			*index = first;
			return true;
		} else if (wheel->now_tick == until) {
			return false;
		} else {
			uint64_t next = next_tick(wheel);

			wheel->now_tick = next < until ? next : until;
		}
	}
	return false;
}

uint64_t
wheel_next_us(const struct wheel *wheel)
{
	if (wheel->armed == 0)
		return UINT64_MAX;
	if (wheel->slot[slot_at(wheel->now_tick, 0)] != WHEEL_IDLE)
		return wheel->now_us;
	if (pending_slot(wheel) != WHEEL_IDLE)
		return wheel->now_us;
	return next_tick(wheel) * WHEEL_TICK_US;
}

/* The tick at which a deadline is handed out: not before it has passed, not behind us, within the wheel's span. */
static uint64_t
tick_of(const struct wheel *wheel, uint64_t due_us)
{
	uint64_t tick = due_us / WHEEL_TICK_US;

	if (due_us > wheel->now_us && due_us % WHEEL_TICK_US)
		tick++;
	if (tick < wheel->now_tick)
		return wheel->now_tick;
	if (tick - wheel->now_tick >= SPAN_TICKS)
		return wheel->now_tick + SPAN_TICKS - 1;
	return tick;
}

static unsigned
level_of(uint64_t ticks_ahead)
{
	unsigned level = 0;

	while (ticks_ahead >> ((level + 1) * LEVEL_BITS))
		level++;
	return level;
}

/* Moves one node of a coarser slot that has just begun to where it belongs now; false if there is none. */
static bool
move_down_one(struct wheel *wheel)
{
	uint32_t slot = pending_slot(wheel), index;

	if (slot == WHEEL_IDLE)
		return false;
	index = wheel->slot[slot];
	move(wheel, index, node_at(wheel, index)->due_us);
	return true;
}

static bool
was_put_off(const struct wheel *wheel, uint32_t index)
{
	return tick_of(wheel, node_at(wheel, index)->due_us) > wheel->now_tick;
}

/* A coarser slot whose first tick is now_tick and which has nodes left, or WHEEL_IDLE. */
static uint32_t
pending_slot(const struct wheel *wheel)
{
	for (unsigned level = 1; level < WHEEL_LEVELS; level++) {
		uint32_t slot = level * WHEEL_SLOTS + slot_at(wheel->now_tick, level);

		if (slot_at(wheel->now_tick, level - 1) != 0)
			break;
		if (wheel->slot[slot] != WHEEL_IDLE)
			return slot;
	}
	return WHEEL_IDLE;
}

/* The first tick after now_tick at which something is due or a coarser slot begins; NEVER if there is none. */
static uint64_t
next_tick(const struct wheel *wheel)
{
	uint64_t next = NEVER;

	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		unsigned shift = level * LEVEL_BITS;
		uint64_t position = wheel->now_tick >> shift;
		unsigned ahead = distance(wheel->occupied[level], position & SLOT_MASK);
		uint64_t tick = (position + ahead) << shift;

		if (ahead && tick < next)
			next = tick;
	}
	return next;
}

/* How many slots after `from` the next occupied one is, going round: 1..256; 0 if all are empty. */
static unsigned
distance(const uint64_t occupied[], unsigned from)
{
	unsigned start = (from + 1) & SLOT_MASK;
	unsigned words = WHEEL_SLOTS / 64;

	/* The word of `start` is looked at twice: first its bits from start on, last those before. */
	for (unsigned i = 0; i <= words; i++) {
		unsigned word = (start / 64 + i) % words;
		uint64_t bits = occupied[word];

		if (i == 0)
			bits &= ~(uint64_t)0 << (start % 64);
		if (bits) {
			unsigned slot = word * 64 + (unsigned)__builtin_ctzll(bits);

			return ((slot - start) & SLOT_MASK) + 1;
		}
	}
	return 0;
}

static uint64_t *
occupied_word(struct wheel *wheel, uint32_t slot)
{
	return &wheel->occupied[slot / WHEEL_SLOTS][slot % WHEEL_SLOTS / 64];
}

static void
link_last(struct wheel *wheel, uint32_t slot, uint32_t index)
{
	struct wheel_node *node = node_at(wheel, index), *first, *last;

	node->slot_plus_1 = slot + 1;
	if (wheel->slot[slot] == WHEEL_IDLE) {
		node->next = node->prev = index;
		wheel->slot[slot] = index;
		*occupied_word(wheel, slot) |= (uint64_t)1 << (slot % 64);
		return;
	}
	first = node_at(wheel, wheel->slot[slot]);
	last = node_at(wheel, first->prev);
	node->next = wheel->slot[slot];
	node->prev = first->prev;
	last->next = index;
	first->prev = index;
}

static void
unlink_node(struct wheel *wheel, uint32_t index)
{
	struct wheel_node *node = node_at(wheel, index);
	uint32_t slot = node->slot_plus_1 - 1;

	ASSERT(slot < WHEEL_LEVELS * WHEEL_SLOTS && wheel->slot[slot] != WHEEL_IDLE);
	if (node->next == index) {
		wheel->slot[slot] = WHEEL_IDLE;
		*occupied_word(wheel, slot) &= ~((uint64_t)1 << (slot % 64));
	} else {
		node_at(wheel, node->prev)->next = node->next;
		node_at(wheel, node->next)->prev = node->prev;
		if (wheel->slot[slot] == index)
			wheel->slot[slot] = node->next;
	}
	wheel_node_init(node);
}
