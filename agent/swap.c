// SPDX-License-Identifier: Apache-2.0
/*
 * Swap on a RAM disk. The disk's pages are the host's own memory: all of them are taken
 * before anything else happens, so that a page that goes there makes room for another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "agent.h"

#define DISK "/dev/ram0"
#define CHUNK_BYTES (1u << 20)

/*
 * The kernel's union swap_header: numbers behind a boot sector, and a word at the end of the
 * first page.
 */
struct swap_numbers {
	uint32_t version;
	uint32_t last_page;
	uint32_t bad_pages;
};

#define BOOT_SECTOR_BYTES 1024
#define MAGIC "SWAPSPACE2"

static void write_header(char *page, uint64_t disk_bytes)
{
	const struct swap_numbers numbers = {
		.version = 1,
		.last_page = disk_bytes / page_bytes() - 1,
	};

	memcpy(page + BOOT_SECTOR_BYTES, &numbers, sizeof(numbers));
	memcpy(page + page_bytes() - strlen(MAGIC), MAGIC, strlen(MAGIC));
}

void swap_prepare(void)
{
	uint64_t mib = plan_number("swap_mib");
	char *chunk;
	int fd;

	if (!mib)
		return;
	/* Past the page cache, which would hold all of it a second time. */
	fd = open(DISK, O_WRONLY | O_DIRECT | O_CLOEXEC);
	chunk = aligned_alloc(page_bytes(), CHUNK_BYTES);
	if (fd < 0 || !chunk)
		fail(NULL, "cannot open the RAM disk " DISK " for swap: %s", strerror(errno));
	memset(chunk, 0, CHUNK_BYTES);
	for (uint64_t i = 0; i < mib; i++)
		if (pwrite(fd, chunk, CHUNK_BYTES, i * CHUNK_BYTES) != CHUNK_BYTES)
			fail(NULL, "cannot fill the RAM disk at %llu MiB: %s",
			     (unsigned long long)i, strerror(errno));
	write_header(chunk, mib * CHUNK_BYTES);
	if (pwrite(fd, chunk, page_bytes(), 0) != (ssize_t)page_bytes() || close(fd) ||
	    swapon(DISK, 0))
		fail(NULL, "cannot swap to the RAM disk: %s", strerror(errno));
	free(chunk);
}
