// SPDX-License-Identifier: Apache-2.0
/*
 * kernels: what guests share that run one kernel and do the same things with it.
 *
 * A round runs every operation once, in an order of its own, and times each. Kernel
 * memory that the guest can change at will is what it holds on behalf of a process:
 * load fills files on tmpfs and pipes with the same content in each guest, and
 * rewrite changes pages of those files and refills pipes with something else.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "operations.h"

#define PIPE_PAGES 16
#define MAX_PIPES 64

static struct pages objects;
static int pipes[MAX_PIPES][2];
static unsigned int npipes;

static uint64_t expected[64];

static int create_objects(void)
{
	size_t bytes = param("object_pages", 512) * PAGE_BYTES;
	int fd = open("/tmp/objects", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	uint64_t *word;

	if (fd < 0 || ftruncate(fd, bytes))
		return failed("cannot create /tmp/objects: %m");
	word = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (word == MAP_FAILED)
		return failed("cannot map /tmp/objects: %m");
	/* The same in each guest, another content on each page. */
	for (size_t i = 0; i < bytes / sizeof(*word); i++)
		word[i] = (i + 1) * 0x9e3779b97f4a7c15ull;
	if (pages_add(&objects, word, bytes))
		return -1;
	pages_shuffle(&objects);
	return 0;
}

static int fill_pipe(const int ends[2], unsigned int variant)
{
	static unsigned char page[PAGE_BYTES];

	for (unsigned int i = 0; i < PIPE_PAGES; i++) {
		memset(page, 1 + i + variant * PIPE_PAGES, sizeof(page));
		if (write(ends[1], page, sizeof(page)) != sizeof(page))
			return failed("cannot fill a pipe: %m");
	}
	return 0;
}

static int drain_pipe(const int ends[2], struct touch *t)
{
	static unsigned char page[PAGE_BYTES];

	for (unsigned int i = 0; i < PIPE_PAGES; i++) {
		uint64_t start = ticks_now();

		if (read(ends[0], page, sizeof(page)) != sizeof(page))
			return failed("a pipe lost its content: %m");
		touch_count(t, ticks_now() - start);
		t->checksum += hash_words(page, sizeof(page));
	}
	return 0;
}

static int run_one(struct touch *t, unsigned int index, int first)
{
	const struct operation *operation = &operations[index];
	uint64_t start = ticks_now();
	uint64_t result = operation->run();

	touch_count(t, ticks_now() - start);
	if (result == OPERATION_FAILED)
		return failed("operation %s failed: %m", operation->name);
	if (first)
		expected[index] = result;
	else if (result != expected[index])
		return failed("operation %s gave %llu, at first it gave %llu", operation->name,
			      (unsigned long long)result, (unsigned long long)expected[index]);
	t->checksum += result * (2 * (uint64_t)index + 1);
	return 0;
}

static int run_all(struct touch *t, int first)
{
	uint32_t *order = permutation(noperations);
	int result = 0;

	if (!order)
		return failed("cannot order the operations: out of memory");
	for (unsigned int i = 0; i < noperations && !result; i++)
		result = run_one(t, order[i], first);
	free(order);
	return result;
}

static int load(struct touch *t)
{
	t->unit = "operation";
	if (create_objects())
		return -1;
	npipes = param("pipes", 16);
	if (npipes > MAX_PIPES)
		return failed("%u pipes asked for, %d is the limit", npipes, MAX_PIPES);
	for (unsigned int i = 0; i < npipes; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) ||
		    fcntl(pipes[i][1], F_SETPIPE_SZ, PIPE_PAGES * PAGE_BYTES) < 0)
			return failed("cannot create a pipe: %m");
		if (fill_pipe(pipes[i], 0))
			return -1;
	}
	return run_all(t, 1);
}

static int touch(struct touch *t, unsigned int round)
{
	struct touch memory = { 0 };

	(void)round;
	t->unit = "operation";
	if (run_all(t, 0))
		return -1;
	pages_touch(&objects, &memory);
	t->checksum += memory.checksum;
	return 0;
}

static int change(struct touch *t, unsigned int permille, unsigned int variant)
{
	pages_flip(&objects, t, permille);
	for (unsigned int i = 0; i < npipes * permille / 1000; i++)
		if (drain_pipe(pipes[i], t) || fill_pipe(pipes[i], variant))
			return -1;
	return 0;
}

static int rewrite(struct touch *t, unsigned int permille)
{
	return change(t, permille, 1);
}

static int restore(struct touch *t)
{
	return change(t, param("rewrite_permille", 1000), 0);
}

const struct workload workload = { load, touch, rewrite, restore };
