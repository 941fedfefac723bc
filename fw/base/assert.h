/*
 * Assertions are for our own mistakes and always on. Input from the wire or from the other plane is
 * refused with a reason, never asserted.
 */
#ifndef FW_BASE_ASSERT_H
#define FW_BASE_ASSERT_H

/* Ends the process with what, where; a supervisor restarts it. Never returns. */
void assert_failed(const char *what, const char *file, int line) __attribute__((noreturn, cold));

#define ASSERT(condition)                                                                          \
	do {                                                                                       \
		if (__builtin_expect(!(condition), 0))                                             \
			assert_failed(#condition, __FILE__, __LINE__);                             \
	} while (0)

/* For checks that loop over bytes or run for each packet twice: compiled out of the release variant. */
#ifdef NDEBUG
#define DEBUG_ASSERT(condition) ((void)sizeof(condition))
#else
#define DEBUG_ASSERT(condition) ASSERT(condition)
#endif

#define STATIC_ASSERT(condition, why) _Static_assert(condition, why)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK        __attribute__((warn_unused_result))

#endif
