/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SAMEPAGE_KERNELS_OPERATIONS_H
#define SAMEPAGE_KERNELS_OPERATIONS_H

#include <stdint.h>

/*
 * One family of system calls. Returns what it read, folded into a number that is the
 * same each time and in each guest, or sets errno and returns OPERATION_FAILED.
 */
struct operation {
	const char *name;
	uint64_t (*run)(void);
};

#define OPERATION_FAILED UINT64_MAX

extern const struct operation operations[];
extern const unsigned int noperations;

#endif
