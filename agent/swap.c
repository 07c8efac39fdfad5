// SPDX-License-Identifier: Apache-2.0
/*
 * Swap on a RAM disk. The disk's pages are the host's own memory: all of them are taken
 * before anything else happens, so that a page that goes there makes room for another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "agent.h"

#define DISK "/dev/ram0"
#define CHUNK_BYTES (1u << 20)
#define PAGE_BYTES 4096

/* As in the kernel's union swap_header: what comes after the boot sector, and the page's end. */
struct swap_area {
	char boot_sector[1024];
	uint32_t version;
	uint32_t last_page;
	uint32_t bad_pages;
	char rest[PAGE_BYTES - 1024 - 3 * 4 - 10];
	char magic[10];
};

_Static_assert(sizeof(struct swap_area) == PAGE_BYTES, "the header is one page");

void swap_prepare(void)
{
	uint64_t mib = plan_number("swap_mib", 0);
	struct swap_area *area;
	int fd;

	if (!mib)
		return;
	/* Past the page cache, which would hold all of it a second time. */
	fd = open(DISK, O_WRONLY | O_DIRECT | O_CLOEXEC);
	area = aligned_alloc(PAGE_BYTES, CHUNK_BYTES);
	if (fd < 0 || !area)
		fail(NULL, "cannot open the RAM disk " DISK " for swap: %s", strerror(errno));
	memset(area, 0, CHUNK_BYTES);
	for (uint64_t i = 0; i < mib; i++)
		if (pwrite(fd, area, CHUNK_BYTES, i * CHUNK_BYTES) != CHUNK_BYTES)
			fail(NULL, "cannot fill the RAM disk at %llu MiB: %s", (unsigned long long)i,
			     strerror(errno));
	area->version = 1;
	area->last_page = mib * (CHUNK_BYTES / PAGE_BYTES) - 1;
	memcpy(area->magic, "SWAPSPACE2", sizeof(area->magic));
	if (pwrite(fd, area, PAGE_BYTES, 0) != PAGE_BYTES || close(fd) || swapon(DISK, 0))
		fail(NULL, "cannot swap to the RAM disk: %s", strerror(errno));
	free(area);
}
