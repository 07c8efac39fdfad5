// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "huge_slot.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "files.h"
#include "small_vm.h"

#define SLOT 2
#define GPA 0x40000000u
#define PAGE_BYTES (2u << 20)
#define PAGES 2u
#define BYTES (PAGES * PAGE_BYTES)

#define BATCH 32
#define CALLS_PER_DROP 8

static unsigned char *slot;
static uint32_t expected[BYTES / sizeof(uint32_t)];

void huge_slot_make(void)
{
	/* One more: a page that is given back is free only when nobody holds it any more. */
	write_text("/proc/sys/vm/nr_hugepages", "3");
	slot = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		    -1, 0);
	if (slot == MAP_FAILED)
		die("cannot have %u pages of hugetlbfs", PAGES);
	/* Taken note of and left alone: KSM merges none of these. */
	if (madvise(slot, BYTES, MADV_MERGEABLE))
		die("cannot advise KSM of hugetlbfs");
	set_memslot(SLOT, GPA, slot, BYTES, 0);
}

void huge_slot_use(uint64_t *random_state, struct huge_slot *seen)
{
	static unsigned int calls;
	struct operation operations[BATCH];

	if (++calls % CALLS_PER_DROP == 0) {
		uint32_t at = random_below(random_state, PAGES) * PAGE_BYTES;

		if (madvise(slot + at, PAGE_BYTES, MADV_DONTNEED))
			die("cannot drop a page of hugetlbfs");
		memset((unsigned char *)expected + at, 0, PAGE_BYTES);
		seen->drops++;
	}
	for (int i = 0; i < BATCH; i++) {
		uint32_t word = random_below(random_state, BYTES / sizeof(uint32_t));

		operations[i] = (struct operation){ .kind = i % 2 ? READ : WRITE,
						    .address = GPA + word * sizeof(uint32_t),
						    .value = random_next(random_state) };
	}
	run_guest(operations, BATCH, 1);
	for (int i = 0; i < BATCH; i++) {
		uint32_t word = (operations[i].address - GPA) / sizeof(uint32_t);

		if (operations[i].kind == WRITE) {
			expected[word] = operations[i].value;
			seen->writes++;
			continue;
		}
		seen->reads++;
		if (operations[i].result != expected[word]) {
			seen->mismatches++;
			printf("guest read %08x instead of %08x at %u of hugetlbfs\n",
			       operations[i].result, expected[word], word);
		}
	}
}
