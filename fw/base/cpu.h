/*
 * What the processor can do beyond the baseline of the build (x86-64-v2), found out before main. Code for it stands
 * beside code for the baseline and answers the same; tests switch between the two.
 */
#ifndef FW_BASE_CPU_H
#define FW_BASE_CPU_H

#include <stdbool.h>

enum cpu_feature {
	CPU_AVX2 = 1 << 0,
	CPU_AVX512BW =
	    1 << 1, /* with F and VL, which the compiler's target "avx512bw,avx512vl" needs */
};

/* Bits of enum cpu_feature. Written before main, and by tests. */
extern unsigned cpu_features;

static inline bool
cpu_has(enum cpu_feature feature)
{
	return (cpu_features & feature) != 0;
}

#endif
