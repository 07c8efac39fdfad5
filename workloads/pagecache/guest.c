// SPDX-License-Identifier: Apache-2.0
/*
 * pagecache: real files are read from the guest's disk into its page cache, and
 * then read again from there.
 *
 * Files on the read-only disk are mapped shared, so a touch goes to the very page
 * of the page cache. What can be rewritten is a copy on tmpfs of every
 * `copy_every`th file: its pages are page cache too, and writable.
 *
 * With `held_as` the guest instead holds all files as copies of its own, in one archive
 * on tmpfs, plain or compressed, and lets the disk's pages go. Its archive begins with
 * something that only this guest has, `shift_bytes` for each number: what follows then
 * stands at another place in its pages than in the other guests.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "guest.h"

#define CHUNK_BYTES 65536

static struct pages cached; /* everything that is touched */
static struct pages copies; /* the part of it that can be rewritten */
static struct touch *loading;
static unsigned int nfiles;

/* held_as */
enum { IN_PLACE, ARCHIVE, COMPRESSED };

static int archive = -1;
static uint64_t archive_bytes;

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

static int append(const void *data, uint64_t bytes)
{
	for (uint64_t done = 0; done < bytes;) {
		ssize_t n = write(archive, (const char *)data + done, bytes - done);

		if (n <= 0)
			return failed("cannot write the archive: %m");
		done += n;
	}
	archive_bytes += bytes;
	return 0;
}

/* What stands in front is this guest's own: a header, a host's name, an older entry. */
static int begin_archive(void)
{
	unsigned char own[PAGE_BYTES];
	uint64_t bytes = param("guest", 0) * param("shift_bytes", 0) % PAGE_BYTES;

	archive = open("/tmp/archive", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (archive < 0)
		return failed("cannot create /tmp/archive: %m");
	memset(own, 'a' + param("guest", 0) % 26, sizeof(own));
	return append(own, bytes);
}

/* Each file by itself, as in a compressed file system: equal files stay equal. */
static int append_compressed(const void *data, uint64_t bytes)
{
	uLongf size = compressBound(bytes);
	unsigned char *packed = malloc(size);
	int result;

	if (!packed || compress2(packed, &size, data, bytes, 6) != Z_OK)
		result = failed("cannot compress %llu bytes", (unsigned long long)bytes);
	else
		result = append(packed, size);
	free(packed);
	return result;
}

/* Moves the file's content into the archive; the disk's pages of it are dropped. */
static int archive_file(int fd, const void *map, uint64_t bytes)
{
	int result = param("held_as", IN_PLACE) == COMPRESSED ? append_compressed(map, bytes) :
								append(map, bytes);

	munmap((void *)map, bytes);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return result;
}

static int end_archive(void)
{
	void *map = map_file(archive, "/tmp/archive", archive_bytes, PROT_READ | PROT_WRITE);

	if (!map || pages_add(&cached, map, archive_bytes) ||
	    pages_add(&copies, map, archive_bytes))
		return -1;
	return 0;
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
	if (map && param("held_as", IN_PLACE) != IN_PLACE) {
		int result = archive_file(fd, map, bytes);

		close(fd);
		return result;
	}
	close(fd);
	if (!map || pages_add(&cached, map, bytes))
		return -1;
	if (nfiles++ % param("copy_every", 4) == 0)
		return copy_to_tmpfs(map, bytes);
	return 0;
}

static int load(struct touch *t)
{
	int moved = param("held_as", IN_PLACE) != IN_PLACE;

	loading = t;
	t->unit = "read";
	if (mount_data() || (moved && begin_archive()) || each_file("/data", load_file) ||
	    (moved && end_archive()))
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
