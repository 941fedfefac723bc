/*
 * Taps: the filter, and the ring of records between a worker and the control thread.
 *
 * The filter is classic BPF, run by libpcap's own interpreter: it checks each load against the frame's length,
 * has no memory but sixteen words, and ends since jumps go forward only. It trusts opcodes, so that these are
 * checked here, before a program is let in. DPDK's rte_bpf would be quicker by compiling the program, which
 * needs memory that is written and then executed; for something that is on for minutes a year it is not worth that.
 *
 * The ring holds records one behind the other; one that would cross the ring's end begins at its start,
 * and a record of no kind fills the rest.
 */
#include "dataplane/tap.h"

#include <string.h>
#include <sys/types.h> /* for the next one */

#include <pcap/bpf.h>

STATIC_ASSERT(sizeof(struct tap_insn) == sizeof(struct bpf_insn), "the same instruction");
STATIC_ASSERT(offsetof(struct tap_insn, jump_true) == offsetof(struct bpf_insn, jt) &&
		  offsetof(struct tap_insn, jump_false) == offsetof(struct bpf_insn, jf) &&
		  offsetof(struct tap_insn, k) == offsetof(struct bpf_insn, k),
	      "with the same fields");

#define FILLER TAP_KINDS /* kind of a record that fills the ring's end */

static bool is_wanted(const struct tap *tap, const uint8_t *bytes, uint32_t len,
		      uint32_t frame_bytes, uint32_t device);
static struct tap_record *reserve(struct tap *tap, uint32_t size_bytes);
static bool is_known(uint16_t code);
static const struct tap_record *
find_oldest(struct tap *const *taps, uint32_t count, uint64_t until_us, uint32_t *oldest);
static const struct tap_record *first(struct tap *tap);
static void pass(struct tap *tap, uint32_t bytes);

void
tap_init(struct tap *tap, enum tap_kind kind, void *memory, uint32_t ring_bytes)
{
	memset(tap, 0, sizeof *tap);
	tap->kind = kind;
	tap->ring = memory;
	tap->ring_bytes = ring_bytes & ~7u;
}

enum err
tap_plan_check(const struct tap_plan *plan, const char **why)
{
	const struct tap_insn *insn = plan->insn;

	if (plan->insn_count > TAP_INSNS_MAX || plan->kept_bytes == 0 ||
	    plan->kept_bytes > TAP_KEPT_MAX) {
		*why = "a size is out of range";
		return ERR_invalid;
	}
	for (uint32_t i = 0; i < plan->insn_count; i++) {
		if (!is_known(insn[i].code)) {
			*why = "the filter has an unknown instruction";
			return ERR_invalid;
		}
		if (insn[i].code == (BPF_JMP | BPF_JA) && insn[i].k >= plan->insn_count - i) {
			*why = "the filter jumps backwards (protochain does)";
			return ERR_invalid;
		}
	}
	if (plan->insn_count &&
	    !bpf_validate((const struct bpf_insn *)insn, (int)plan->insn_count)) {
		*why = "the filter's jumps or memory are out of range";
		return ERR_invalid;
	}
	return ERR_ok;
}

/* What bpf_filter does not know would end the process. */
static bool
is_known(uint16_t code)
{
	static const uint16_t known[] = {
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_H | BPF_ABS,
		BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND,
		BPF_LD | BPF_H | BPF_IND,
		BPF_LD | BPF_B | BPF_IND,
		BPF_LD | BPF_W | BPF_LEN,
		BPF_LD | BPF_IMM,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_W | BPF_LEN,
		BPF_LDX | BPF_MSH | BPF_B,
		BPF_LDX | BPF_IMM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JGE | BPF_K,
		BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JSET | BPF_K,
		BPF_JMP | BPF_JGT | BPF_X,
		BPF_JMP | BPF_JGE | BPF_X,
		BPF_JMP | BPF_JEQ | BPF_X,
		BPF_JMP | BPF_JSET | BPF_X,
		BPF_ALU | BPF_ADD | BPF_X,
		BPF_ALU | BPF_SUB | BPF_X,
		BPF_ALU | BPF_MUL | BPF_X,
		BPF_ALU | BPF_DIV | BPF_X,
		BPF_ALU | BPF_MOD | BPF_X,
		BPF_ALU | BPF_AND | BPF_X,
		BPF_ALU | BPF_OR | BPF_X,
		BPF_ALU | BPF_XOR | BPF_X,
		BPF_ALU | BPF_LSH | BPF_X,
		BPF_ALU | BPF_RSH | BPF_X,
		BPF_ALU | BPF_ADD | BPF_K,
		BPF_ALU | BPF_SUB | BPF_K,
		BPF_ALU | BPF_MUL | BPF_K,
		BPF_ALU | BPF_DIV | BPF_K,
		BPF_ALU | BPF_MOD | BPF_K,
		BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_OR | BPF_K,
		BPF_ALU | BPF_XOR | BPF_K,
		BPF_ALU | BPF_LSH | BPF_K,
		BPF_ALU | BPF_RSH | BPF_K,
		BPF_ALU | BPF_NEG,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == code)
			return true;
	return false;
}

void
tap_begin(struct tap *tap, const struct tap_plan *plan)
{
	tap->plan = *plan;
	tap->left = plan->frames;
	tap->reserved = 0;
	atomic_store(&tap->published, 0);
	atomic_store(&tap->taken, 0);
	atomic_store(&tap->matched, 0);
	atomic_store(&tap->lost, 0);
}

/* ---- worker ---- */

struct tap_record *
tap_offer(struct tap *tap, const uint8_t *bytes, uint32_t len, uint32_t frame_bytes,
	  const struct tap_place *place)
{
	uint32_t kept = len < tap->plan.kept_bytes ? len : tap->plan.kept_bytes;
	struct tap_record *record;

	if (!is_wanted(tap, bytes, len, frame_bytes, place->device))
		return NULL;
	atomic_fetch_add_explicit(&tap->matched, 1, memory_order_relaxed);
	record = reserve(tap, (uint32_t)tap_record_bytes(tap->kind, kept));
	if (!record) {
		atomic_fetch_add_explicit(&tap->lost, 1, memory_order_relaxed);
		return NULL;
	}
	tap->left--;
	*record = (struct tap_record){
		.size_bytes = (uint32_t)tap_record_bytes(tap->kind, kept),
		.kind = (uint8_t)tap->kind,
		.direction = (uint8_t)place->direction,
		.device = (uint8_t)place->device,
		.worker = (uint8_t)place->worker,
		.unix_us = place->unix_us,
		.frame_bytes = frame_bytes,
		.kept_bytes = (uint16_t)kept,
	};
	if (tap->kind == TAP_TRACE)
		memset((void *)tap_record_walk(record), 0, sizeof(struct tap_walk));
	memcpy((uint8_t *)record + (tap_record_frame(record) - (const uint8_t *)record), bytes,
	       kept);
	return record;
}

static bool
is_wanted(const struct tap *tap, const uint8_t *bytes, uint32_t len, uint32_t frame_bytes,
	  uint32_t device)
{
	const struct tap_plan *plan = &tap->plan;

	if (tap->left == 0 || !(plan->device_mask & 1u << device))
		return false;
	return plan->insn_count == 0 ||
	       bpf_filter((const struct bpf_insn *)plan->insn, bytes, frame_bytes, len) != 0;
}

/* Contiguous room; NULL: the reader is too far behind. */
static struct tap_record *
reserve(struct tap *tap, uint32_t size_bytes)
{
	uint64_t taken = atomic_load_explicit(&tap->taken, memory_order_acquire);
	uint32_t at = tap->ring_bytes ? (uint32_t)(tap->reserved % tap->ring_bytes) : 0;
	uint32_t to_end = tap->ring_bytes - at;
	uint32_t skip = size_bytes > to_end ? to_end : 0;
	struct tap_record *record;

	if (tap->reserved + skip + size_bytes - taken > tap->ring_bytes)
		return NULL;
	if (skip) {
		uint32_t filler[2] = { skip, FILLER };

		memcpy(tap->ring + at, filler, sizeof filler);
		at = 0;
	}
	record = (struct tap_record *)(tap->ring + at);
	tap->reserved += skip + size_bytes;
	return record;
}

void
tap_publish(struct tap *tap)
{
	atomic_store_explicit(&tap->published, tap->reserved, memory_order_release);
}

bool
tap_is_done(const struct tap *tap)
{
	return tap->left == 0;
}

/* ---- control thread ---- */

uint32_t
tap_read(struct tap *const *taps, uint32_t count, uint64_t until_us, void *out, uint32_t max)
{
	const struct tap_record *record;
	uint32_t filled = 0, oldest;

	while ((record = find_oldest(taps, count, until_us, &oldest)) &&
	       record->size_bytes <= max - filled) {
		memcpy((uint8_t *)out + filled, record, record->size_bytes);
		filled += record->size_bytes;
		pass(taps[oldest], record->size_bytes);
	}
	return filled;
}

/* Of those that may be given out; NULL: there is none. */
static const struct tap_record *
find_oldest(struct tap *const *taps, uint32_t count, uint64_t until_us, uint32_t *oldest)
{
	const struct tap_record *found = NULL;

	for (uint32_t i = 0; i < count; i++) {
		const struct tap_record *record = first(taps[i]);

		if (!record ||
		    (record->unix_us > until_us && record->unix_us - until_us < TAP_CLOCK_SET_US) ||
		    (found && found->unix_us <= record->unix_us))
			continue;
		found = record;
		*oldest = i;
	}
	return found;
}

static const struct tap_record *
first(struct tap *tap)
{
	uint64_t published = atomic_load_explicit(&tap->published, memory_order_acquire);

	for (;;) {
		uint64_t taken = atomic_load_explicit(&tap->taken, memory_order_relaxed);
		uint32_t head[2]; /* size, kind in the first byte of the second: also of a filler */
		const uint8_t *at;

		if (taken == published)
			return NULL;
		at = tap->ring + taken % tap->ring_bytes;
		memcpy(head, at, sizeof head);
		if ((head[1] & 0xff) != FILLER)
			return (const struct tap_record *)at;
		pass(tap, head[0]);
	}
}

static void
pass(struct tap *tap, uint32_t bytes)
{
	uint64_t taken = atomic_load_explicit(&tap->taken, memory_order_relaxed);

	atomic_store_explicit(&tap->taken, taken + bytes, memory_order_release);
}
