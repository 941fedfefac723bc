/* Memory that is taken at the start, touched, and kept to the end: the path has none to wait for. */
#ifndef TEST_BENCH_GEN_MEMORY_H
#define TEST_BENCH_GEN_MEMORY_H

#include <stddef.h>

/* Zeroed, at a page's beginning, in huge pages where the kernel has some to spare. Ends the program if there is none. */
void *memory_take(size_t bytes);

#endif
