/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a workload's guest.c and the guest's init share.
 *
 * A guest is one init, linked with one workload. It takes commands, one a line,
 * over the virtual console and answers each with any number of "@record" lines and
 * then "@ok" or "@error". The same program can be a plain process of the host, with two
 * pipes in the console's place (see internal.h).
 */
#ifndef SAMEPAGE_GUEST_H
#define SAMEPAGE_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "guest_arch.h"
#include "ticks.h"

#define TOUCH_BINS 40

/*
 * One round over the working set. A touch is timed with the TSC around the first
 * access alone: that access is what takes the second-level fault, if there is one.
 */
struct touch {
	const char *unit; /* what was counted: "page" or "operation" */
	uint64_t units;
	uint64_t ticks;
	uint64_t histogram[TOUCH_BINS]; /* [i]: touches of [2^i, 2^(i+1)) ticks */
	uint64_t checksum; /* over everything that was read, independent of order */
};

struct workload {
	/* Create the working set. @t counts what was loaded. 0 or -1. */
	int (*load)(struct touch *t);
	/* Read all of it once more. */
	int (*touch)(struct touch *t, unsigned int round);
	/* Change @permille of the pages that can be written. */
	int (*rewrite)(struct touch *t, unsigned int permille);
	/* Undo what rewrite did, to the byte. */
	int (*restore)(struct touch *t);
};

/* Defined by the workload's guest.c. */
extern const struct workload workload;

/* The value of a parameter that the plan gave, or @fallback. */
uint64_t param(const char *name, uint64_t fallback);

/* Remember why something failed; the text goes into the answer. Returns -1. */
int failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The guest's own random numbers: seeded by the plan, equal on every run. */
uint64_t random_next(void);

/* A permutation of 0..n-1 (Fisher-Yates), in memory that stays allocated. */
uint32_t *permutation(size_t n);

/* FNV-1a over 64-bit words; a page is 512 of them. */
uint64_t hash_words(const void *data, size_t bytes);

void touch_count(struct touch *t, uint64_t ticks);

/* A set of mapped pages with a fixed order of visits. */
struct pages {
	unsigned char **page;
	uint32_t *order;
	size_t count;
	size_t capacity;
};

int pages_add(struct pages *set, void *start, size_t bytes);
void pages_shuffle(struct pages *set);
/* Read each page once in the set's order, timing the first access. */
void pages_touch(const struct pages *set, struct touch *t);
/*
 * Flip one word in @permille of the pages, the first ones of the set's order.
 * Called a second time with the same @permille it restores the content.
 */
void pages_flip(const struct pages *set, struct touch *t, unsigned int permille);

/*
 * Zeroed memory that only this guest uses. As a process, it is offered to KSM in the way that
 * the plan says.
 */
void *memory_private(size_t bytes);

/*
 * Memory that begins with the same content in all guests, which @fill writes. Processes that
 * map what they have in common (carrier=mapping) fill it once, and each has private copies of
 * the pages it writes; in all other cases it is private memory with equal content.
 */
void *memory_common(size_t bytes, void (*fill)(void *memory, size_t bytes));

/* Mount the guest's disk read-only on /data. */
int mount_data(void);

/* Call @visit for each regular file below @dir, in the order of the names. */
int each_file(const char *dir, int (*visit)(const char *path, uint64_t bytes));

#endif
