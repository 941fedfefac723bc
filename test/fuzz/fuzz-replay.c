/*
 * Runs the inputs of the corpus once through their targets, without libFuzzer: a line a target, as test/run.sh wants it.
 *
 *   fuzz-replay [TARGET [FILE...]]
 *
 * Each target runs in a process of its own, so that an input that kills it is named, and the next one goes on behind it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/fuzz/fuzz.h"

#define CORPUS     "test/fuzz/corpus"
#define INPUT_MAX  (1u << 20)
#define SECONDS    60u /* for one target's inputs */
#define FILES_MAX  4096
#define PATH_BYTES 512

static const struct fuzz_target *const targets[] = {
#define X(name) &fuzz_##name,
	FUZZ_TARGETS(X)
#undef X
};

static bool replay_corpus(const struct fuzz_target *target);
static bool replay(const struct fuzz_target *target, char **paths, unsigned count);
static unsigned corpus_of(const struct fuzz_target *target, char *paths[FILES_MAX]);
static int is_input(const struct dirent *entry);
static void
run_from(const struct fuzz_target *target, char **paths, unsigned count) __attribute__((noreturn));
static void run_file(const struct fuzz_target *target, const char *path);
static void say_why(int status, char *why, size_t why_bytes);

static unsigned *under_way; /* index of the input that runs; seen by both processes */

int
main(int argc, char **argv)
{
	unsigned played = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	under_way = mmap(NULL, sizeof *under_way, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(under_way != MAP_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (argc > 1 && strcmp(argv[1], targets[i]->name) != 0)
			continue;
		played++;
		if (argc > 2)
			failed += !replay(targets[i], argv + 2, (unsigned)argc - 2);
		else
			failed += !replay_corpus(targets[i]);
	}
	if (!played)
		printf("FAIL fuzz %s: no such target\n", argv[1]);
	return failed || !played;
}

static bool
replay_corpus(const struct fuzz_target *target)
{
	char *paths[FILES_MAX];
	unsigned count = corpus_of(target, paths);
	bool ok = replay(target, paths, count);

	for (unsigned i = 0; i < count; i++)
		free(paths[i]);
	return ok;
}

static bool
replay(const struct fuzz_target *target, char **paths, unsigned count)
{
	unsigned failed = 0;

	*under_way = 0;
	while (*under_way < count) {
		char why[128];
		int status;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		ASSERT(pid >= 0);
		if (pid == 0)
			run_from(target, paths, count);
		ASSERT(waitpid(pid, &status, 0) == pid);
		if (status == 0)
			break;
		say_why(status, why, sizeof why);
		printf("FAIL fuzz %s: %s: %s\n", target->name,
		       *under_way < count ? paths[*under_way] : "at the end", why);
		failed++;
		++*under_way;
	}
	if (count == 0)
		printf("FAIL fuzz %s: there are no inputs in " CORPUS "/%s\n", target->name,
		       target->name);
	else if (!failed)
		printf("ok fuzz %s: %u inputs\n", target->name, count);
	return count && !failed;
}

/* Gives the paths. */
static unsigned
corpus_of(const struct fuzz_target *target, char *paths[FILES_MAX])
{
	char dir[PATH_BYTES];
	struct dirent **entries;
	int count;

	snprintf(dir, sizeof dir, CORPUS "/%s", target->name);
	count = scandir(dir, &entries, is_input, alphasort);
	if (count < 0) {
		fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		return 0;
	}
	ASSERT(count <= FILES_MAX);
	for (int i = 0; i < count; i++) {
		ASSERT(asprintf(&paths[i], "%s/%s", dir, entries[i]->d_name) > 0);
		free(entries[i]);
	}
	free(entries);
	return (unsigned)count;
}

static int
is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
run_from(const struct fuzz_target *target, char **paths, unsigned count)
{
	alarm(SECONDS);
	if (target->start)
		target->start();
	for (; *under_way < count; ++*under_way)
		run_file(target, paths[*under_way]);
	fflush(NULL);
	_exit(0);
}

static void
run_file(const struct fuzz_target *target, const char *path)
{
	FILE *file = fopen(path, "rb");
	static uint8_t bytes[INPUT_MAX];
	uint8_t *copy;
	size_t size;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		_exit(2);
	}
	size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	copy = fuzz_copy(bytes, size);
	target->run(copy, size);
	free(copy);
}

static void
say_why(int status, char *why, size_t why_bytes)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(why, why_bytes, "no end in sight after %u s", SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(why, why_bytes, "died of %s (see above)", strsignal(WTERMSIG(status)));
	else
		snprintf(why, why_bytes, "ended with %d (see above)", WEXITSTATUS(status));
}
