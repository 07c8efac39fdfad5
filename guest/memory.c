// SPDX-License-Identifier: Apache-2.0
/* Memory of working sets: in a guest just memory, in a process as its carrier has it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guest.h"
#include "internal.h"

/* Since 6.4; the libc's headers may be older. */
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif

#define COMMON "/run/common-%u"

static enum { PLAIN, MADVISE, MAPPING } way;

int process_begin(const char *channel, const char *carrier, int *from, int *to)
{
	char path[128];

	if (!strcmp(carrier, "madvise"))
		way = MADVISE;
	else if (!strcmp(carrier, "mapping"))
		way = MAPPING;
	/* Offers all that the process has, without a word in the workload. */
	else if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0))
		return failed("cannot set PR_SET_MEMORY_MERGE: %m");
	snprintf(path, sizeof(path), "%s.in", channel);
	*from = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s.out", channel);
	*to = open(path, O_WRONLY | O_CLOEXEC);
	return *from < 0 || *to < 0 ? failed("cannot open %s: %m", path) : 0;
}

void *memory_private(size_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || (way == MADVISE && madvise(memory, bytes, MADV_MERGEABLE))) {
		failed("cannot map %zu bytes of mergeable memory: %m", bytes);
		return NULL;
	}
	return memory;
}

/* The first process to come fills it; they load one after the other. */
static int fill_file(const char *path, size_t bytes, void (*fill)(void *memory, size_t bytes))
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	void *memory;

	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0 || ftruncate(fd, bytes))
		return failed("cannot create %s: %m", path);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return failed("cannot map %s: %m", path);
	fill(memory, bytes);
	munmap(memory, bytes);
	return 0;
}

static void *map_common(size_t bytes, void (*fill)(void *memory, size_t bytes))
{
	static unsigned int count;
	char path[64];
	void *memory;
	int fd;

	snprintf(path, sizeof(path), COMMON, count++);
	if (fill_file(path, bytes, fill))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (memory == MAP_FAILED) {
		failed("cannot map %s: %m", path);
		return NULL;
	}
	return memory;
}

void *memory_common(size_t bytes, void (*fill)(void *memory, size_t bytes))
{
	void *memory;

	if (way == MAPPING)
		return map_common(bytes, fill);
	memory = memory_private(bytes);
	if (memory)
		fill(memory, bytes);
	return memory;
}
