/*
 * libtrap-malloc.so: a thread that has promised not to allocate is ended at its first attempt.
 * Preloaded into a program of the test build; its malloc and kin stand in front of the C library's
 * and pass everything on, but for threads that have called forbid_allocation_in_this_thread. There
 * it writes what was called and from where, and aborts.
 *
 * Whatever ends in the C library's allocator is seen, also from within the library (strdup, fopen)
 * and from others. Not seen: mmap, and DPDK's own heap. A thread that ends gives back what the C
 * library holds for it, so one that has promised must not end before the program does (DPDK's
 * worker threads don't).
 */
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAMES_MAX 16

/*
 * What the data plane looks up by name (dataplane/control.c): from now on the calling thread must
 * not allocate.
 */
void forbid_allocation_in_this_thread(void);

/* The C library's own, under the names by which it exports them for such purposes. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void *__libc_memalign(size_t align, size_t bytes);
extern void __libc_free(void *old);

/* In the static TLS block: looking at it must not allocate it. */
static __thread bool forbidden __attribute__((tls_model("initial-exec")));

static void say(const char *text);
static void say_thread(const char *text);
static void caught(const char *function) __attribute__((noreturn));

void
forbid_allocation_in_this_thread(void)
{
	void *frames[1];

	backtrace(frames, 1); /* its first call loads a library */
	say_thread("trap-malloc: armed");
	forbidden = true;
}

static void
check(const char *function)
{
	if (__builtin_expect(forbidden, false))
		caught(function);
}

/* Only what is safe in a signal handler: the thread may be anywhere. */
static void
caught(const char *function)
{
	void *frames[FRAMES_MAX];

	forbidden = false;
	say("trap-malloc: forbidden ");
	say(function);
	say_thread("");
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
	abort();
}

static void
say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(70);
}

static void
say_thread(const char *text)
{
	char number[16];
	char *at = &number[sizeof number - 1];
	unsigned long id = (unsigned long)syscall(SYS_gettid);

	for (*at = '\0'; id; id /= 10)
		*--at = (char)('0' + id % 10);
	say(text);
	say(" in thread ");
	say(at);
	say("\n");
}

/* ---- in front of the C library ---- */

void *
malloc(size_t bytes)
{
	check("malloc");
	return __libc_malloc(bytes);
}

void *
calloc(size_t count, size_t bytes)
{
	check("calloc");
	return __libc_calloc(count, bytes);
}

void *
realloc(void *old, size_t bytes)
{
	check("realloc");
	return __libc_realloc(old, bytes);
}

void
free(void *old)
{
	check("free");
	__libc_free(old);
}

void *
memalign(size_t align, size_t bytes)
{
	check("memalign");
	return __libc_memalign(align, bytes);
}

void *
aligned_alloc(size_t align, size_t bytes)
{
	check("aligned_alloc");
	return __libc_memalign(align, bytes);
}

/* An alignment that is no power of two is not refused, as it would be without us. */
int
posix_memalign(void **out, size_t align, size_t bytes)
{
	check("posix_memalign");
	*out = __libc_memalign(align, bytes);
	return *out ? 0 : ENOMEM;
}
