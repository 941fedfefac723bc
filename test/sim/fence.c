/*
 * The fence: ranges of memory with their owners, on pages that can be read only. A turn opens the pages that are wholly its
 * worker's. A write to any other page traps: if the word may be this worker's, the page is copied and opened, and what
 * has changed in it is looked at behind the turn, word by word; so ranges need not begin or end with a page.
 */
#include "test/sim/fence.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "dataplane/handoff.h"
#include "dataplane/lb/lb.h"
#include "dataplane/places.h"
#include "test/sim/fence_buffers.h"

#define PAGE          4096u
#define LINE_WORDS    8u
#define RANGES_MAX    512u
#define OPENED_MAX    512u
#define NOBODY        UINT32_MAX
#define ANYBODY       (UINT32_MAX - 1) /* the first one */
#define NONE          UINT8_MAX        /* of a word's writer */
#define BUFFERS_EVERY 8u               /* turns */

struct range {
	const char *name;
	uintptr_t from, to;
	uint32_t owner;  /* a worker, NOBODY, ANYBODY */
	bool strict;     /* between turns it is written to by the control thread at its time only */
	uint8_t *writer; /* ANYBODY: by word */
};

/* A page that was written to. */
struct opened {
	uintptr_t page;
	uint64_t before[PAGE / 8];
};

struct fence {
	struct box *box;
	struct range range[RANGES_MAX];
	uint32_t range_count, fixed_count; /* those of views are behind the fixed ones */
	uint32_t turning;                  /* NOBODY: between turns */
	bool trying, refused;              /* fence_refuses */
	struct opened *opened;
	uint32_t opened_count;
	struct sigaction before;
	struct fence_buffers *buffers;
	struct fence_counts counts;
};

static void add_fixed(struct fence *fence);
static void add_views(struct fence *fence);
static struct range *
add(struct fence *fence, const char *name, const void *from, size_t bytes, uint32_t owner);
static void control(void *context, bool begins);
static void turn(void *context, uint32_t worker, bool begins);
static void trapped(int signal_number, siginfo_t *info, void *context);
static const struct range *range_at(const struct fence *fence, uintptr_t at);
static bool may_write(const struct fence *fence, const struct range *range, uintptr_t at);
static void open_page(struct fence *fence, uintptr_t page);
static void leave(struct fence *fence);
static void look_at(struct fence *fence, const struct opened *opened);
static void note_word(struct fence *fence, uintptr_t at);
static void refuse(const struct fence *fence, const struct range *range, uintptr_t at)
    __attribute__((noreturn));

static struct fence the_fence;

struct fence *
fence_new(struct box *box)
{
	struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct fence *fence = &the_fence;

	ASSERT(!fence->box && box->worker_count > 1);
	fence->box = box;
	fence->turning = NOBODY;
	fence->opened = world_pages(OPENED_MAX * sizeof *fence->opened);
	fence->buffers = fence_buffers_new(box);
	add_fixed(fence);
	fence->fixed_count = fence->range_count;
	sigemptyset(&action.sa_mask);
	ASSERT(sigaction(SIGSEGV, &action, &fence->before) == 0);
	box->guard = (struct box_guard){ turn, control, fence };
	control(fence, false);
	return fence;
}

static void
add_fixed(struct fence *fence)
{
	struct box *box = fence->box;
	struct stats *stats = box->stats;

	for (uint32_t w = 0; w < box->worker_count; w++) {
		size_t bytes = 0;

		ASSERT(rte_malloc_validate(box->workers[w], &bytes) == 0 && bytes > 0);
		add(fence, "arena", box->workers[w], bytes, w)->strict = true;
		add(fence, "column of counters", &stats->worker[w], sizeof stats->worker[w], w)
		    ->strict = true;
	}
	add(fence, "head of the counters", stats, offsetof(struct stats, worker), NOBODY);
	add(fence, "neighbours", box->neighbours, neighbour_table_bytes(), 0);
	add(fence, "places", box->places, sizeof *box->places, NOBODY);
	add(fence, "rings", box->handoff, handoff_memory_bytes(box->worker_count), ANYBODY);
	add(fence, "health", box->health, sizeof *box->health, ANYBODY);
}

static void
add_views(struct fence *fence)
{
	struct box *box = fence->box;

	for (uint32_t i = 0; i < box->view_count; i++) {
		struct config_view *view = box->views[i];

		add(fence, "view", view, sizeof *view, ANYBODY);
		add(fence, "generation", view->gen, view->gen_bytes, NOBODY);
		add(fence, "members by slot", view->member_of_slot,
		    LIMIT_MEMBERS * sizeof *view->member_of_slot, NOBODY);
		for (uint32_t w = 0; w < box->worker_count; w++)
			add(fence, "balancer", view->lb[w], lb_memory_bytes(view->gen), w);
	}
}

static struct range *
add(struct fence *fence, const char *name, const void *from, size_t bytes, uint32_t owner)
{
	struct range *range = &fence->range[fence->range_count++];

	ASSERT(fence->range_count <= RANGES_MAX && (uintptr_t)from % 8 == 0);
	*range = (struct range){
		.name = name, .from = (uintptr_t)from, .to = (uintptr_t)from + bytes, .owner = owner
	};
	if (owner == ANYBODY) {
		range->writer = world_pages((bytes + 7) / 8);
		memset(range->writer, NONE, (bytes + 7) / 8);
	}
	return range;
}

static void
protect(uintptr_t from, uintptr_t to, int protection)
{
	if (from < to)
		ASSERT(mprotect((void *)from, to - from, protection) == 0);
}

/* All pages that it lies on. */
static void
protect_all(const struct range *range, int protection)
{
	protect(range->from & ~(uintptr_t)(PAGE - 1),
		(range->to + PAGE - 1) & ~(uintptr_t)(PAGE - 1), protection);
}

/* Those that nothing else lies on. */
static void
protect_inner(const struct range *range, int protection)
{
	protect((range->from + PAGE - 1) & ~(uintptr_t)(PAGE - 1),
		range->to & ~(uintptr_t)(PAGE - 1), protection);
}

/* What workers have written to of a view is forgotten when it may go: its memory may be somebody else's then. */
static void
control(void *context, bool begins)
{
	struct fence *fence = context;

	ASSERT(fence->turning == NOBODY);
	if (begins) {
		for (uint32_t i = 0; i < fence->range_count; i++)
			protect_all(&fence->range[i], PROT_READ | PROT_WRITE);
		fence->opened_count = 0;
		for (; fence->range_count > fence->fixed_count; fence->range_count--) {
			struct range *range = &fence->range[fence->range_count - 1];

			if (range->writer)
				munmap(range->writer, (range->to - range->from + 7) / 8);
		}
		return;
	}
	add_views(fence);
	for (uint32_t i = 0; i < fence->range_count; i++)
		protect_all(&fence->range[i], PROT_READ);
}

static void
turn(void *context, uint32_t worker, bool begins)
{
	struct fence *fence = context;
	bool looks = fence->counts.turns % BUFFERS_EVERY == 0;

	if (begins) {
		leave(fence); /* what was opened between turns is closed */
		fence->turning = worker;
		fence_buffers_turn(fence->buffers, worker, looks);
	}
	for (uint32_t i = 0; i < fence->range_count; i++)
		if (fence->range[i].owner == worker)
			protect_inner(&fence->range[i],
				      begins ? PROT_READ | PROT_WRITE : PROT_READ);
	if (begins)
		return;
	leave(fence);
	fence_buffers_turned(fence->buffers, looks);
	fence->turning = NOBODY;
	fence->counts.turns++;
}

/* A write to a page that is closed. What is none of ours is as it was without us. */
static void
trapped(int signal_number, siginfo_t *info, void *context)
{
	struct fence *fence = &the_fence;
	uintptr_t at = (uintptr_t)info->si_addr & ~(uintptr_t)7;
	const struct range *range = range_at(fence, at);
	bool ours = range != NULL;

	(void)context;
	for (uint32_t i = 0; i < fence->range_count && !ours; i++)
		ours = at / PAGE >= fence->range[i].from / PAGE &&
		       at / PAGE <= (fence->range[i].to - 1) / PAGE;
	for (uint32_t i = 0; i < fence->opened_count && ours; i++)
		ours = fence->opened[i].page != at / PAGE * PAGE;
	if (!ours) {
		sigaction(signal_number, &fence->before, NULL);
		return;
	}
	if (range && !may_write(fence, range, at)) {
		if (!fence->trying)
			refuse(fence, range, at);
		fence->refused = true;
	}
	open_page(fence, at / PAGE * PAGE);
	fence->counts.traps++;
	if (range && !fence->refused)
		note_word(fence, at);
}

static const struct range *
range_at(const struct fence *fence, uintptr_t at)
{
	for (uint32_t i = 0; i < fence->range_count; i++)
		if (at >= fence->range[i].from && at < fence->range[i].to)
			return &fence->range[i];
	return NULL;
}

static bool
may_write(const struct fence *fence, const struct range *range, uintptr_t at)
{
	uint8_t writer;

	if (fence->turning == NOBODY)
		return !range->strict;
	if (range->owner != ANYBODY)
		return range->owner == fence->turning;
	writer = range->writer[(at - range->from) / 8];
	return writer == NONE || writer == fence->turning;
}

/* Not by memcpy, which AddressSanitizer would ask what it does in memory that is nobody's. */
__attribute__((no_sanitize("address"))) static void
open_page(struct fence *fence, uintptr_t page)
{
	struct opened *opened = &fence->opened[fence->opened_count++];
	const volatile uint64_t *from = (const volatile uint64_t *)page;

	ASSERT(fence->opened_count <= OPENED_MAX);
	opened->page = page;
	for (unsigned i = 0; i < PAGE / 8; i++)
		opened->before[i] = from[i];
	protect(page, page + PAGE, PROT_READ | PROT_WRITE);
}

static void
leave(struct fence *fence)
{
	for (uint32_t i = 0; i < fence->opened_count; i++) {
		if (fence->turning != NOBODY)
			look_at(fence, &fence->opened[i]);
		protect(fence->opened[i].page, fence->opened[i].page + PAGE, PROT_READ);
	}
	fence->opened_count = 0;
}

__attribute__((no_sanitize("address"))) static void
look_at(struct fence *fence, const struct opened *opened)
{
	const volatile uint64_t *now = (const volatile uint64_t *)opened->page;

	for (unsigned i = 0; i < PAGE / 8; i++) {
		uintptr_t at = opened->page + i * 8;
		const struct range *range;

		if (now[i] == opened->before[i])
			continue;
		range = range_at(fence, at);
		if (range && !may_write(fence, range, at))
			refuse(fence, range, at);
		if (range)
			note_word(fence, at);
	}
}

/* The word has a writer from now on. */
static void
note_word(struct fence *fence, uintptr_t at)
{
	const struct range *range = range_at(fence, at);
	size_t word = (at - range->from) / 8;

	if (range->writer && fence->turning != NOBODY && range->writer[word] == NONE) {
		range->writer[word] = (uint8_t)fence->turning;
		fence->counts.words++;
	}
}

static void
refuse(const struct fence *fence, const struct range *range, uintptr_t at)
{
	char whose[40] = "nobody's", who[40] = "somebody between turns";

	if (range->owner == ANYBODY)
		snprintf(whose, sizeof whose, "worker %u's cells",
			 range->writer[(at - range->from) / 8]);
	else if (range->owner != NOBODY)
		snprintf(whose, sizeof whose, "worker %u's", range->owner);
	if (fence->turning != NOBODY)
		snprintf(who, sizeof who, "worker %u", fence->turning);
	world_fail(fence->box->node.world, "%s writes to %s %s, %zu bytes in", who, whose,
		   range->name, (size_t)(at - range->from));
}

bool
fence_refuses(struct fence *fence, uint32_t worker, void *at)
{
	volatile uint8_t *byte = at;

	fence->refused = false;
	fence->trying = true;
	turn(fence, worker, true);
	*byte = *byte;
	turn(fence, worker, false);
	fence->trying = false;
	return fence->refused;
}

/* Cache lines of the fixed ranges with words of several workers: no fault, but each write makes the others wait for it. */
static uint64_t
lines_shared(const struct fence *fence)
{
	uint64_t shared = 0;

	for (uint32_t i = 0; i < fence->range_count; i++) {
		const struct range *range = &fence->range[i];
		size_t words = range->writer ? (range->to - range->from) / 8 : 0;

		for (size_t at = 0; at < words; at += LINE_WORDS) {
			uint8_t first = NONE;
			bool several = false;

			for (size_t word = at; word < at + LINE_WORDS && word < words; word++) {
				uint8_t writer = range->writer[word];

				several |= writer != NONE && first != NONE && writer != first;
				first = writer != NONE ? writer : first;
			}
			shared += several;
		}
	}
	return shared;
}

struct fence_counts
fence_counts(const struct fence *fence)
{
	struct fence_counts counts = fence->counts;

	counts.lines_shared = lines_shared(fence);
	fence_buffers_count(fence->buffers, &counts);
	return counts;
}

void
fence_end(struct fence *fence)
{
	control(fence, true);
	fence_buffers_end(fence->buffers);
	fence->box->guard = (struct box_guard){ 0 };
	sigaction(SIGSEGV, &fence->before, NULL);
	fence->box = NULL;
}
