/*
 * One target under libFuzzer: FUZZ_TARGET is its name.
 */
#include "fw/base/rng.h"
#include "test/fuzz/fuzz.h"

#ifndef FUZZ_TARGET
#define FUZZ_TARGET http_head
#endif
#define JOIN(a, b)   a##b
#define TARGET(name) JOIN(fuzz_, name)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

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

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct rng rng;

	rng_init(&rng, seed);
	if (!TARGET(FUZZ_TARGET).mutate || rng_below(&rng, 2))
		return LLVMFuzzerMutate(data, size, max);
	return TARGET(FUZZ_TARGET).mutate(data, size, max, &rng);
}
