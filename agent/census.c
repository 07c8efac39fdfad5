// SPDX-License-Identifier: Apache-2.0
/*
 * The phase `census`: every page that the guests hold and KSM may merge is read once, its
 * content digested, and grouped twice: by content, which is what could have been shared, and
 * by the host's frame that backs it, which is what is shared. A group is told by how many
 * guests have a page in it: with p pages in g groups of n guests each, g * (n - 1) pages are
 * spared between guests and p - g * n within one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

/* Pages that are read at once. */
#define RUN 256

/* /proc/PID/pagemap */
#define PRESENT (1ull << 63)
#define SWAPPED (1ull << 62)
#define FRAME ((1ull << 55) - 1)

struct page {
	uint64_t digest[2];
	uint64_t frame;
	uint32_t guest;
	bool zero;
};

static struct page *pages;
static size_t npages, capacity;
static uint64_t swapped;
static int memory, pagemap;

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* 128 bits: two sums of different words and weights, mixed at the end. */
static void digest_page(const uint64_t *word, struct page *page)
{
	uint64_t a = 0x9e3779b97f4a7c15ull, b = 0xc2b2ae3d27d4eb4full, any = 0;

	for (unsigned int i = 0; i < page_bytes() / sizeof(*word); i++) {
		any |= word[i];
		a = (a ^ word[i]) * 0x100000001b3ull;
		b = (b + word[i]) * 0x9fb21c651e98df25ull;
		b ^= b >> 29;
	}
	page->digest[0] = mix(a);
	page->digest[1] = mix(b);
	page->zero = !any;
}

static struct page *new_page(void)
{
	if (npages == capacity) {
		capacity = capacity ? capacity * 2 : 65536;
		pages = realloc(pages, capacity * sizeof(*pages));
		if (!pages)
			fail(NULL, "no memory for a census of %zu pages", capacity);
	}
	return &pages[npages++];
}

static void take_run(const struct guest *g, uint64_t address, const uint64_t *entries, size_t count)
{
	static uint64_t *content;
	ssize_t bytes = count * page_bytes();

	if (!content)
		content = malloc(RUN * page_bytes());
	if (!content)
		fail(NULL, "no memory to read %d pages", RUN);
	if (pread(memory, content, bytes, address) != bytes)
		fail(g, "cannot read the memory of guest %d at %llx: %s", g->number,
		     (unsigned long long)address, strerror(errno));
	for (size_t i = 0; i < count; i++) {
		struct page *page = new_page();

		digest_page(content + i * (page_bytes() / sizeof(*content)), page);
		page->frame = entries[i] & FRAME;
		page->guest = g->number;
	}
}

/* Pages that were never used are not there, and reading would bring them in: left out. */
static void take_piece(const struct guest *g, uint64_t begin, uint64_t end)
{
	static uint64_t entries[RUN];
	const size_t page = page_bytes();

	for (uint64_t at = begin; at < end; at += RUN * page) {
		size_t count = (end - at) / page, first = 0;
		ssize_t bytes;

		count = count < RUN ? count : RUN;
		bytes = count * sizeof(*entries);
		if (pread(pagemap, entries, bytes, at / page * sizeof(*entries)) != bytes)
			fail(g, "cannot read the page map of guest %d: %s", g->number,
			     strerror(errno));
		for (size_t i = 0; i <= count; i++) {
			if (i < count && entries[i] & PRESENT)
				continue;
			if (i > first)
				take_run(g, at + first * page, entries + first, i - first);
			if (i < count && entries[i] & SWAPPED)
				swapped++;
			first = i + 1;
		}
	}
}

static int open_of(const struct guest *g, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", g->vmm, name);
	fd = file_open(path, O_RDONLY);
	if (fd < 0)
		fail(g, "cannot open %s: %s", path, strerror(errno));
	return fd;
}

static int by_content(const void *left, const void *right)
{
	const struct page *a = left, *b = right;
	int order = memcmp(a->digest, b->digest, sizeof(a->digest));

	return order ? order : (a->guest > b->guest) - (a->guest < b->guest);
}

static int by_frame(const void *left, const void *right)
{
	const struct page *a = left, *b = right;

	if (a->frame != b->frame)
		return a->frame < b->frame ? -1 : 1;
	return (a->guest > b->guest) - (a->guest < b->guest);
}

static bool same_group(const struct page *a, const struct page *b, bool content)
{
	return content ? !memcmp(a->digest, b->digest, sizeof(a->digest)) : a->frame == b->frame;
}

static void record_groups(const char *by, bool zero, const uint64_t *in_pages,
			  const uint64_t *groups)
{
	for (int n = 1; n <= nguests; n++) {
		if (!groups[n])
			continue;
		record_begin("census");
		record_text("grouped_by", by);
		record_text("class", zero ? "zero" : "data");
		record_number("guests", n);
		record_number("pages", in_pages[n]);
		record_number("groups", groups[n]);
		record_end();
	}
}

static void count_groups(bool content)
{
	static uint64_t in_pages[2][MAX_GUESTS + 1], groups[2][MAX_GUESTS + 1];

	memset(in_pages, 0, sizeof(in_pages));
	memset(groups, 0, sizeof(groups));
	qsort(pages, npages, sizeof(*pages), content ? by_content : by_frame);
	for (size_t begin = 0, end; begin < npages; begin = end) {
		int in_guests = 1;

		for (end = begin + 1;
		     end < npages && same_group(&pages[begin], &pages[end], content); end++)
			in_guests += pages[end].guest != pages[end - 1].guest;
		in_pages[pages[begin].zero][in_guests] += end - begin;
		groups[pages[begin].zero][in_guests]++;
	}
	for (int zero = 0; zero < 2; zero++)
		record_groups(content ? "content" : "frame", zero, in_pages[zero], groups[zero]);
}

void phase_census(void)
{
	for (int i = 0; i < nguests; i++) {
		memory = open_of(&guests[i], "mem");
		pagemap = open_of(&guests[i], "pagemap");
		guest_memory(&guests[i], take_piece);
		close(memory);
		close(pagemap);
	}
	count_groups(true);
	count_groups(false);
	record_begin("census");
	record_text("grouped_by", "swap");
	record_text("class", "data");
	record_number("guests", 0);
	record_number("pages", swapped);
	record_number("groups", 0);
	record_end();
	/* The guests' own word on their page tables; they run for it, so it comes last. */
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], "memory");
	free(pages);
	pages = NULL;
	npages = capacity = 0;
}
