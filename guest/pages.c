// SPDX-License-Identifier: Apache-2.0
/* Working sets of pages: collected, shuffled, touched, flipped. */
#include <stdlib.h>

#include "guest.h"

#define PAGE_WORDS (PAGE_BYTES / sizeof(uint64_t))

uint64_t hash_words(const void *data, size_t bytes)
{
	const uint64_t *word = data;
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < bytes / sizeof(*word); i++)
		hash = (hash ^ word[i]) * 0x100000001b3ull;
	return hash;
}

void touch_count(struct touch *t, uint64_t ticks)
{
	int bin = ticks ? 63 - __builtin_clzll(ticks) : 0;

	t->units++;
	t->ticks += ticks;
	t->histogram[bin < TOUCH_BINS ? bin : TOUCH_BINS - 1]++;
}

uint32_t *permutation(size_t n)
{
	uint32_t *order = malloc(n * sizeof(*order) + 1);

	if (!order)
		return NULL;
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = random_next() % i;
		uint32_t other = order[j];

		order[j] = order[i - 1];
		order[i - 1] = other;
	}
	return order;
}

int pages_add(struct pages *set, void *start, size_t bytes)
{
	size_t count = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;

	if (set->count + count > set->capacity) {
		size_t capacity = (set->count + count) * 2;
		unsigned char **page = realloc(set->page, capacity * sizeof(*page));

		if (!page)
			return failed("cannot remember %zu pages: out of memory", capacity);
		set->page = page;
		set->capacity = capacity;
	}
	for (size_t i = 0; i < count; i++)
		set->page[set->count++] = (unsigned char *)start + i * PAGE_BYTES;
	return 0;
}

void pages_shuffle(struct pages *set)
{
	set->order = permutation(set->count);
}

void pages_touch(const struct pages *set, struct touch *t)
{
	for (size_t i = 0; i < set->count; i++) {
		uint32_t index = set->order[i];
		const unsigned char *page = set->page[index];
		uint64_t start = ticks_now();

		(void)*(const volatile uint64_t *)page;
		touch_count(t, ticks_now() - start);
		/* Weighted by the index, so that swapped pages would show. */
		t->checksum += hash_words(page, PAGE_BYTES) * (2 * (uint64_t)index + 1);
	}
}

void pages_flip(const struct pages *set, struct touch *t, unsigned int permille)
{
	size_t count = set->count * permille / 1000;

	for (size_t i = 0; i < count; i++) {
		uint32_t index = set->order[i];
		/* Within the page, and another place and value on each page. */
		volatile uint64_t *word =
			(volatile uint64_t *)set->page[index] + index % PAGE_WORDS;
		uint64_t value = ((uint64_t)index + 1) * 0x9e3779b97f4a7c15ull;
		uint64_t start = ticks_now();

		*word ^= value;
		touch_count(t, ticks_now() - start);
		t->checksum += hash_words(set->page[index], PAGE_BYTES) * (2 * (uint64_t)index + 1);
	}
}
