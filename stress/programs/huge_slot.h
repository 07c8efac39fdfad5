/* SPDX-License-Identifier: Apache-2.0 */
/* A second memslot of the small VM, beside the one that KSM merges: on pages of hugetlbfs. */
#ifndef SAMEPAGE_HUGE_SLOT_H
#define SAMEPAGE_HUGE_SLOT_H

#include <stdint.h>

struct huge_slot {
	uint64_t reads, writes, drops, mismatches;
};

/* After create_vm(), once. Needs a kernel with hugetlbfs. */
void huge_slot_make(void);

/*
 * The guest reads and writes all over it, and what it read is compared with what it wrote.
 * Every few calls one of its huge pages is given back, and is zeros the next time.
 */
void huge_slot_use(uint64_t *random_state, struct huge_slot *seen);

#endif
