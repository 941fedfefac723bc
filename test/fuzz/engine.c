/*
 * One target under libFuzzer: FUZZ_TARGET is its name.
 */
#include "test/fuzz/fuzz.h"

#ifndef FUZZ_TARGET
#define FUZZ_TARGET http_head
#endif
#define JOIN(a, b)   a##b
#define TARGET(name) JOIN(fuzz_, name)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (TARGET(FUZZ_TARGET).start)
		TARGET(FUZZ_TARGET).start();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TARGET(FUZZ_TARGET).run(data, size);
	return 0;
}
