// SPDX-License-Identifier: Apache-2.0
/*
 * pagecache: real files are read from the guest's disk into its page cache, and
 * then read again from there.
 *
 * Files on the read-only disk are mapped shared, so a touch goes to the very page
 * of the page cache. What can be rewritten is a copy on tmpfs of every
 * `copy_every`th file: its pages are page cache too, and writable.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define CHUNK_BYTES 65536

static struct pages cached;	/* everything that is touched */
static struct pages copies;	/* the part of it that can be rewritten */
static struct touch *loading;
static unsigned int nfiles;

static int read_through(int fd, const char *path, uint64_t bytes)
{
	static unsigned char chunk[CHUNK_BYTES];
	uint64_t done = 0;

	while (done < bytes) {
		uint64_t start = ticks_now();
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n <= 0)
			return failed("cannot read %s at %llu: %m", path, (unsigned long long)done);
		touch_count(loading, ticks_now() - start);
		done += n;
	}
	return 0;
}

static void *map_file(int fd, const char *path, uint64_t bytes, int protection)
{
	void *map = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED) {
		failed("cannot map %s: %m", path);
		return NULL;
	}
	return map;
}

static int copy_to_tmpfs(const void *source, uint64_t bytes)
{
	char path[64];
	void *copy;
	int fd;

	snprintf(path, sizeof(path), "/tmp/copy-%u", nfiles);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return failed("cannot create %s: %m", path);
	for (uint64_t done = 0; done < bytes;) {
		ssize_t n = write(fd, (const char *)source + done, bytes - done);

		if (n <= 0) {
			close(fd);
			return failed("cannot write %s: %m", path);
		}
		done += n;
	}
	copy = map_file(fd, path, bytes, PROT_READ | PROT_WRITE);
	close(fd);
	if (!copy)
		return -1;
	return pages_add(&copies, copy, bytes) || pages_add(&cached, copy, bytes) ? -1 : 0;
}

static int load_file(const char *path, uint64_t bytes)
{
	int fd = open(path, O_RDONLY);
	void *map;

	if (fd < 0)
		return failed("cannot open %s: %m", path);
	if (read_through(fd, path, bytes)) {
		close(fd);
		return -1;
	}
	map = map_file(fd, path, bytes, PROT_READ);
	close(fd);
	if (!map || pages_add(&cached, map, bytes))
		return -1;
	if (nfiles++ % param("copy_every", 4) == 0)
		return copy_to_tmpfs(map, bytes);
	return 0;
}

static int load(struct touch *t)
{
	loading = t;
	t->unit = "read";
	if (mount_data() || each_file("/data", load_file))
		return -1;
	if (!cached.count)
		return failed("the disk holds no files");
	pages_shuffle(&cached);
	pages_shuffle(&copies);
	return 0;
}

static int touch(struct touch *t, unsigned int round)
{
	(void)round;
	pages_touch(&cached, t);
	return 0;
}

static int rewrite(struct touch *t, unsigned int permille)
{
	pages_flip(&copies, t, permille);
	return 0;
}

static int restore(struct touch *t)
{
	pages_flip(&copies, t, param("rewrite_permille", 1000));
	return 0;
}

const struct workload workload = { load, touch, rewrite, restore };
