/* SPDX-License-Identifier: Apache-2.0 */
/* The counter that times touches. */
#ifndef SAMEPAGE_TICKS_H
#define SAMEPAGE_TICKS_H

#include <stdint.h>

/*
 * Ordered on both sides: no instruction of the timed access may drift out of the
 * interval. lfence is enough on AMD since LFENCE is made serializing by Linux.
 */
static inline uint64_t ticks_now(void)
{
	uint32_t low, high;

	__asm__ __volatile__("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#endif
