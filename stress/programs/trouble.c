// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "trouble.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include <linux/fs.h>

#include "files.h"

#define DISK "/dev/ram0"
#define PAGE 4096

/* The kernel's union swap_header. */
#define BOOT_SECTOR_BYTES 1024
#define MAGIC "SWAPSPACE2"

void swap_on(void)
{
	static unsigned char page[PAGE];
	uint32_t numbers[] = { 1, 0, 0 }; /* version, last page, bad pages */
	uint64_t bytes;
	int fd = open(DISK, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		die("cannot open " DISK);
	numbers[1] = bytes / PAGE - 1;
	memcpy(page + BOOT_SECTOR_BYTES, numbers, sizeof(numbers));
	memcpy(page + PAGE - strlen(MAGIC), MAGIC, strlen(MAGIC));
	if (pwrite(fd, page, PAGE, 0) != PAGE || fsync(fd) || close(fd) || swapon(DISK, 0))
		die("cannot swap to " DISK);
}

void page_out(void *at, size_t bytes)
{
	if (madvise(at, bytes, MADV_PAGEOUT))
		die("cannot page out");
}

bool page_out_apic_page(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool found = false;

	if (!maps)
		die("cannot read the process's mappings");
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || to - from != PAGE ||
		    strcmp(mode, "rw-s") || !strstr(line, "/dev/zero"))
			continue;
		page_out((void *)from, PAGE);
		found = true;
	}
	fclose(maps);
	return found;
}

void compact(void)
{
	write_text("/proc/sys/vm/compact_memory", "1");
}

void zero_pages(int on)
{
	write_text(KSM "use_zero_pages", on ? "1" : "0");
}

void unmerge_all(void)
{
	write_text(KSM "run", "2");
	write_text(KSM "run", "1");
}

void unmerge_range(void *at, size_t bytes)
{
	if (madvise(at, bytes, MADV_UNMERGEABLE) || madvise(at, bytes, MADV_MERGEABLE))
		die("cannot take memory out of merging and back");
}

static unsigned long long counted(const char *text, const char *name)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s ", name);
	at = strstr(text, line);
	return at ? strtoull(at + strlen(line), NULL, 10) : 0;
}

void print_trouble_counters(void)
{
	static char text[16384];

	read_text("/proc/vmstat", text, sizeof(text));
	printf(" swapped_out=%llu swapped_in=%llu migrated=%llu", counted(text, "pswpout"),
	       counted(text, "pswpin"), counted(text, "pgmigrate_success"));
}
