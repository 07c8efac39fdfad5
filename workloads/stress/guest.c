// SPDX-License-Identifier: Apache-2.0
/*
 * stress: pages that change all the time, each known by a checksum.
 *
 * A page holds one of the contents that all guests have in common, and then KSM
 * merges it, or one that nobody else has. Before a page is changed, and once in each
 * round, it is compared with its checksum. The checksums are kept in memory whose
 * content is never equal to another page's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

#define PAGE_WORDS (PAGE_BYTES / sizeof(uint64_t))

static uint64_t *memory;
static uint64_t *known; /* checksum of each page */
static size_t npages;

static uint64_t *page_at(size_t i)
{
	return memory + i * PAGE_WORDS;
}

/* All of the page from one value; equal values make equal pages. */
static void fill(size_t i, uint64_t value)
{
	uint64_t *word = page_at(i);

	for (size_t at = 0; at < PAGE_WORDS; at++)
		word[at] = value * (2 * at + 1);
	known[i] = hash_words(word, PAGE_BYTES);
}

static uint64_t shared_value(void)
{
	return 1 + random_next() % param("contents", 64);
}

static int check(size_t i)
{
	uint64_t hash = hash_words(page_at(i), PAGE_BYTES);

	if (hash == known[i])
		return 0;
	return failed("MEMORY IS WRONG: page %zu has checksum %016llx instead of %016llx", i,
		      (unsigned long long)hash, (unsigned long long)known[i]);
}

static int check_all(struct touch *t)
{
	t->checksum = 0;
	for (size_t i = 0; i < npages; i++) {
		if (check(i))
			return -1;
		t->checksum++;
	}
	return 0;
}

static void *map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static int load(struct touch *t)
{
	npages = param("pages", 4096);
	memory = map(npages * PAGE_BYTES);
	known = map(npages * sizeof(*known));
	if (!memory || !known)
		return failed("cannot allocate %zu pages", npages);
	for (size_t i = 0; i < npages; i++) {
		uint64_t start = ticks_now();

		fill(i, shared_value());
		touch_count(t, ticks_now() - start);
	}
	return check_all(t);
}

static int touch(struct touch *t, unsigned int round)
{
	(void)round;
	for (size_t n = 0; n < npages; n++) {
		size_t i = random_next() % npages;
		uint64_t start = ticks_now();

		(void)*(volatile uint64_t *)page_at(i);
		touch_count(t, ticks_now() - start);
		if (check(i))
			return -1;
		switch (random_next() % 8) {
		case 0:
			fill(i, shared_value());
			break;
		case 1:
			fill(i, random_next());
			break;
		case 2: /* one word, so that the page's other words stay what they were */
			page_at(i)[random_next() % PAGE_WORDS] ^= random_next();
			known[i] = hash_words(page_at(i), PAGE_BYTES);
			break;
		}
	}
	return check_all(t);
}

static int rewrite(struct touch *t, unsigned int permille)
{
	for (size_t i = 0; i < npages; i++) {
		uint64_t start = ticks_now();

		if (random_next() % 1000 >= permille)
			continue;
		if (check(i))
			return -1;
		fill(i, random_next());
		touch_count(t, ticks_now() - start);
	}
	return check_all(t);
}

/* Every page gets one of the contents that all guests have in common. */
static int restore(struct touch *t)
{
	for (size_t i = 0; i < npages; i++) {
		uint64_t start = ticks_now();

		if (check(i))
			return -1;
		fill(i, shared_value());
		touch_count(t, ticks_now() - start);
	}
	return check_all(t);
}

const struct workload workload = { load, touch, rewrite, restore };
