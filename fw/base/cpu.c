/*
 * CPUID, by way of the compiler's support library, which also asks whether the system saves the wide registers.
 */
#include "fw/base/cpu.h"

unsigned cpu_features;

__attribute__((constructor)) static void
find_out(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2"))
		cpu_features |= CPU_AVX2;
	if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		cpu_features |= CPU_AVX512BW;
}
