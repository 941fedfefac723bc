/*
 * Where a failed assertion ends. Runs on any thread, so it formats into the stack and writes once.
 */
#include "fw/base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
assert_failed(const char *what, const char *file, int line)
{
	char text[512];
	int len;

	len =
	    snprintf(text, sizeof text, "fairlead: failed ASSERT at %s:%d: %s\n", file, line, what);
	if (len >= (int)sizeof text)
		len = sizeof text - 1;
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		_exit(70);
	abort();
}
