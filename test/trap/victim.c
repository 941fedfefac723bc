/*
 * A program to try the trap on: makes a thread that promises not to allocate, as the data plane's
 * workers do, and then calls what the argument names. "nothing" allocates only in the main thread;
 * "before" allocates in the thread too, but before its promise.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *promised(void *argument);

static sem_t done;
static void *volatile kept; /* or the compiler leaves out an allocation that nobody uses */

static void
use_malloc(void)
{
	kept = malloc(100);
}

static void
use_calloc(void)
{
	kept = calloc(10, 10);
}

static void
use_realloc(void)
{
	kept = realloc(kept, 200);
}

static void
use_free(void)
{
	free(kept);
}

static void
use_posix_memalign(void)
{
	void *out = NULL;

	if (posix_memalign(&out, 64, 128) == 0)
		kept = out;
}

static void
use_aligned_alloc(void)
{
	kept = aligned_alloc(64, 128);
}

static void
use_memalign(void)
{
	kept = memalign(64, 128);
}

static void
use_strdup(void)
{
	kept = strdup("from within the C library");
}

static void
use_nothing(void)
{
}

static const struct {
	const char *name;
	void (*use)(void);
} deeds[] = {
	{ "malloc", use_malloc },
	{ "calloc", use_calloc },
	{ "realloc", use_realloc },
	{ "free", use_free },
	{ "posix_memalign", use_posix_memalign },
	{ "aligned_alloc", use_aligned_alloc },
	{ "memalign", use_memalign },
	{ "strdup", use_strdup },
	{ "nothing", use_nothing },
	{ "before", use_nothing },
};

int
main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		return 2;
	kept = malloc(50);
	sem_init(&done, 0, 0);
	if (pthread_create(&thread, NULL, promised, argv[1]) != 0)
		return 2;
	for (int i = 0; i < 1000; i++)
		free(malloc((size_t)i));
	sem_wait(&done);
	free(kept);
	puts("lived");
	return 0;
}

static void *
promised(void *argument)
{
	void (*forbid)(void) =
	    (void (*)(void))dlsym(RTLD_DEFAULT, "forbid_allocation_in_this_thread");

	if (strcmp(argument, "before") == 0)
		use_realloc();
	if (forbid)
		forbid();
	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++)
		if (strcmp(deeds[i].name, argument) == 0)
			deeds[i].use();
	sem_post(&done);
	pause(); /* a thread that ends gives back what the C library holds for it, and that counts */
	return NULL;
}
