/*
 * The simulator's program: runs stories, each with a seed in a process of its own, and says how they ended.
 *
 *   fairlead-sim [--story NAME|short|all] [--seed N] [--seeds HOW-MANY] [--twice] [--jobs N] [--workers N] [--pcap] [--list]
 *   fairlead-sim --hours VIRTUAL-HOURS [--seed N] [--jobs N] [--workers N]
 *
 * A run that fails is repeated with the same seed, which goes exactly the same way, writing a pcap for each link.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test/sim/stories.h"

#define JOBS_MAX       16u
#define REAL_SECONDS   600u /* of one run; longer is a failure */
#define SOAK_STORY     "random"
#define SOAK_FAILS_MAX 10u
#define FAIL_DIR       "out/fail"

enum length { SHORT, LONG };
#define short SHORT
#define long  LONG
static const struct story {
	const char *name;
	enum length length;
	const char *text;
	void (*play)(struct world *world);
} stories[] = {
#define X(name, length, text) { #name, length, text, story_##name },
#include "test/sim/stories.tbl"
#undef X
};
#undef short
#undef long

/* A run under way or ended. */
struct run {
	const struct story *story;
	uint64_t seed;
	pid_t pid;  /* 0: none */
	int status; /* of waitpid */
	struct world_status *world;
};

struct options {
	const char *story;
	uint64_t seed, seeds;
	double hours;
	unsigned jobs;
	bool twice, pcap, list;
};

struct totals {
	uint64_t runs, failed, virtual_us, frames, turns;
	uint64_t event[EVENT_COUNT], move[MOVE_COUNT], drop[DROP_COUNT];
};

static const char *const event_texts[] = {
#define X(name, text) text,
#include "test/sim/events.tbl"
#undef X
};

static const char *const move_texts[][2] = {
#define X(name, text) { #name, text },
#include "test/sim/moves.tbl"
#undef X
};

static bool parse(int argc, char **argv, struct options *options);
static void list_stories(void);
static void run_all(const struct options *options, struct totals *totals);
static void soak(const struct options *options, struct totals *totals);
static bool wanted(const struct story *story, const char *name);
static void enqueue(const struct options *options, const struct story *story, uint64_t seed,
		    struct totals *totals);
static void reap_one(const struct options *options, struct totals *totals);
static void start(struct run *run, const char *pcap_dir);
static void play(const struct run *run, const char *pcap_dir) __attribute__((noreturn));
static void report(const struct options *options, struct run *run, struct totals *totals);
static bool same_again(const struct run *run, char *why, size_t why_bytes);
static void repeat_with_pcap(const struct run *run, char *dir, size_t dir_bytes);
static void why_failed(const struct run *run, char *why, size_t why_bytes);
static void add(uint64_t *sums, const uint64_t *counts, unsigned n);
static void print_events(const struct totals *totals);

static struct run runs[JOBS_MAX];
static uint32_t box_workers; /* of boxes whose story does not say; 0: one */

int
main(int argc, char **argv)
{
	struct options options = { .story = "short", .seed = 1, .seeds = 1, .jobs = 2 };
	struct totals totals = { 0 };

	if (!parse(argc, argv, &options))
		return 2;
	if (options.list) {
		list_stories();
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < JOBS_MAX; i++) {
		runs[i].world = mmap(NULL, sizeof *runs[i].world, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		ASSERT(runs[i].world != MAP_FAILED);
	}
	if (options.hours > 0)
		soak(&options, &totals);
	else
		run_all(&options, &totals);
	if (totals.runs == 0) {
		printf("FAIL sim %s: no such story\n", options.story);
		return 1;
	}
	return totals.failed != 0;
}

static bool
parse(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(name, "--twice") == 0)
			options->twice = true;
		else if (strcmp(name, "--pcap") == 0)
			options->pcap = true;
		else if (strcmp(name, "--list") == 0)
			options->list = true;
		else if (!value) {
			fprintf(stderr, "fairlead-sim: %s: unknown, or its value is missing\n",
				name);
			return false;
		} else if (strcmp(name, "--story") == 0)
			options->story = argv[++i];
		else if (strcmp(name, "--seed") == 0)
			options->seed = strtoull(argv[++i], NULL, 0);
		else if (strcmp(name, "--seeds") == 0)
			options->seeds = strtoull(argv[++i], NULL, 0);
		else if (strcmp(name, "--hours") == 0)
			options->hours = strtod(argv[++i], NULL);
		else if (strcmp(name, "--jobs") == 0)
			options->jobs = (unsigned)strtoul(argv[++i], NULL, 0);
		else if (strcmp(name, "--workers") == 0)
			box_workers = (uint32_t)strtoul(argv[++i], NULL, 0);
		else {
			fprintf(stderr, "fairlead-sim: %s: unknown\n", name);
			return false;
		}
	}
	if (options->jobs < 1 || options->jobs > JOBS_MAX)
		options->jobs = 2;
	return true;
}

static void
list_stories(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
		printf("%-28s %-6s %s\n", stories[i].name,
		       stories[i].length == SHORT ? "short" : "long", stories[i].text);
}

static void
run_all(const struct options *options, struct totals *totals)
{
	for (uint64_t seed = options->seed; seed < options->seed + options->seeds; seed++)
		for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
			if (wanted(&stories[i], options->story))
				enqueue(options, &stories[i], seed, totals);
	while (true) {
		bool busy = false;

		for (unsigned i = 0; i < options->jobs; i++)
			busy |= runs[i].pid != 0;
		if (!busy)
			break;
		reap_one(options, totals);
	}
}

static bool
wanted(const struct story *story, const char *name)
{
	if (strcmp(name, "all") == 0)
		return true;
	if (strcmp(name, "short") == 0)
		return story->length == SHORT;
	return strcmp(name, story->name) == 0;
}

/* Worlds drawn at random, one seed after the other, until so much virtual time has passed in them. */
static void
soak(const struct options *options, struct totals *totals)
{
	const struct story *story = NULL;
	uint64_t seed = options->seed;

	for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
		if (strcmp(stories[i].name, SOAK_STORY) == 0)
			story = &stories[i];
	ASSERT(story);
	while ((double)totals->virtual_us < options->hours * 3600e6 &&
	       totals->failed < SOAK_FAILS_MAX)
		enqueue(options, story, seed++, totals);
	for (unsigned i = 0; i < options->jobs; i++)
		if (runs[i].pid)
			reap_one(options, totals);
	print_events(totals);
	printf("%s sim soak: %.1f virtual hours in %llu worlds, seeds %llu to %llu, %llu failed, "
	       "%llu frames delivered, %llu turns\n",
	       totals->failed ? "FAIL" : "ok", (double)totals->virtual_us / 3600e6,
	       (unsigned long long)totals->runs, (unsigned long long)options->seed,
	       (unsigned long long)seed - 1, (unsigned long long)totals->failed,
	       (unsigned long long)totals->frames, (unsigned long long)totals->turns);
}

static void
print_events(const struct totals *totals)
{
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		printf("%14llu  %s\n", (unsigned long long)totals->event[i], event_texts[i]);
	for (unsigned i = 0; i < MOVE_COUNT; i++)
		printf("%14llu  adversary %s: %s\n", (unsigned long long)totals->move[i],
		       move_texts[i][0], move_texts[i][1]);
	for (unsigned i = 0; i < DROP_COUNT; i++)
		if (totals->drop[i])
			printf("%14llu  dropped %s: %s\n", (unsigned long long)totals->drop[i],
			       drop_infos[i].name, drop_infos[i].text);
}

static void
enqueue(const struct options *options, const struct story *story, uint64_t seed,
	struct totals *totals)
{
	char dir[256];

	for (;;) {
		for (unsigned i = 0; i < options->jobs; i++) {
			if (runs[i].pid)
				continue;
			runs[i].story = story;
			runs[i].seed = seed;
			if (options->pcap)
				repeat_with_pcap(&runs[i], dir, sizeof dir);
			start(&runs[i], NULL);
			return;
		}
		reap_one(options, totals);
	}
}

static void
reap_one(const struct options *options, struct totals *totals)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	ASSERT(pid > 0);
	for (unsigned i = 0; i < JOBS_MAX; i++) {
		if (runs[i].pid != pid)
			continue;
		runs[i].status = status;
		report(options, &runs[i], totals);
		runs[i].pid = 0;
		return;
	}
}

static void
start(struct run *run, const char *pcap_dir)
{
	memset(run->world, 0, sizeof *run->world);
	fflush(stdout);
	run->pid = fork();
	ASSERT(run->pid >= 0);
	if (run->pid == 0)
		play(run, pcap_dir);
}

/* So that a run that dies leaves its pcap files whole. */
static void
died(int signal_number)
{
	fflush(NULL);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void
play(const struct run *run, const char *pcap_dir)
{
	static struct world world;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	alarm(REAL_SECONDS);
	if (pcap_dir) {
		signal(SIGABRT, died);
		signal(SIGSEGV, died);
		signal(SIGALRM, died);
	}
	world_init(&world, run->seed, run->world, pcap_dir);
	world.box_workers = box_workers;
	run->story->play(&world);
	EXPECT(&world, world.closing_count == 0, "the story left before everything was at rest");
	fflush(stdout);
	_exit(0);
}

static void
report(const struct options *options, struct run *run, struct totals *totals)
{
	bool failed = run->status != 0;
	char why[WORLD_WHY_BYTES + 100], dir[256];
	double seconds = (double)(run->world->now_us - run->world->start_us) / 1e6;

	totals->runs++;
	totals->virtual_us += run->world->now_us - run->world->start_us;
	totals->frames += run->world->frames;
	totals->turns += run->world->turns;
	add(totals->event, run->world->event, EVENT_COUNT);
	add(totals->move, run->world->move, MOVE_COUNT);
	add(totals->drop, run->world->drop, DROP_COUNT);
	if (failed)
		why_failed(run, why, sizeof why);
	else if (options->twice)
		failed = !same_again(run, why, sizeof why);
	if (!failed) {
		if (options->hours == 0)
			printf("ok sim %s seed %llu (%.3f s, %llu frames%s)\n", run->story->name,
			       (unsigned long long)run->seed, seconds,
			       (unsigned long long)run->world->frames,
			       options->twice ? ", twice alike" : "");
		return;
	}
	totals->failed++;
	repeat_with_pcap(run, dir, sizeof dir);
	printf("FAIL sim %s seed %llu at %.6f s: %s\n", run->story->name,
	       (unsigned long long)run->seed, seconds, why);
	printf("  frames: %s   again: make sim STORY=%s SEED=%llu\n", dir, run->story->name,
	       (unsigned long long)run->seed);
}

static void
add(uint64_t *sums, const uint64_t *counts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		sums[i] += counts[i];
}

static void
why_failed(const struct run *run, char *why, size_t why_bytes)
{
	if (run->world->why[0])
		snprintf(why, why_bytes, "%s", run->world->why);
	else if (WIFSIGNALED(run->status) && WTERMSIG(run->status) == SIGALRM)
		snprintf(why, why_bytes, "no end in sight after %u s of real time", REAL_SECONDS);
	else if (WIFSIGNALED(run->status))
		snprintf(why, why_bytes, "died of %s (see above)",
			 strsignal(WTERMSIG(run->status)));
	else
		snprintf(why, why_bytes, "ended with %d (see above)", WEXITSTATUS(run->status));
}

/* Plays it again and compares all that is observable. */
static bool
same_again(const struct run *run, char *why, size_t why_bytes)
{
	struct world_status first = *run->world;
	struct run again = *run;
	int status;

	start(&again, NULL);
	ASSERT(waitpid(again.pid, &status, 0) == again.pid);
	if (status == 0 && again.world->hash == first.hash && again.world->now_us == first.now_us &&
	    again.world->turns == first.turns) {
		*run->world = first;
		return true;
	}
	snprintf(why, why_bytes,
		 "played twice, went two ways: %llu and %llu frames, %llu and %llu turns",
		 (unsigned long long)first.frames, (unsigned long long)again.world->frames,
		 (unsigned long long)first.turns, (unsigned long long)again.world->turns);
	return false;
}

/* Leaves the files in dir. What the run prints was seen before. */
static void
repeat_with_pcap(const struct run *run, char *dir, size_t dir_bytes)
{
	struct run again = *run;
	struct world_status before = *run->world;
	int status;

	mkdir("out", 0777);
	mkdir(FAIL_DIR, 0777);
	snprintf(dir, dir_bytes, FAIL_DIR "/%s-%llu", run->story->name,
		 (unsigned long long)run->seed);
	if (mkdir(dir, 0777) && errno != EEXIST) {
		snprintf(dir, dir_bytes, "(none: %s)", strerror(errno));
		return;
	}
	memset(again.world, 0, sizeof *again.world);
	fflush(stdout);
	again.pid = fork();
	ASSERT(again.pid >= 0);
	if (again.pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		play(&again, dir);
	}
	ASSERT(waitpid(again.pid, &status, 0) == again.pid);
	*run->world = before;
}
