// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into compilers: asks for huge pages for the memory they allocate.
 *
 * A compiler takes tens of thousands of page faults in a second or two and gives
 * everything back. Where the machine is itself a virtual one, huge pages take a fifth
 * off its time. Where the system's setting is neither "madvise" nor "always" this does
 * nothing. What is compiled does not depend on it.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Neighbouring areas grow together, so smaller ones than a huge page count as well. */
#define SMALLEST_BYTES 65536

void *mmap(void *start, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	long area = syscall(SYS_mmap, start, bytes, protection, flags, fd, offset);

	if (area != -1 && flags & MAP_ANONYMOUS && bytes >= SMALLEST_BYTES)
		syscall(SYS_madvise, area, bytes, MADV_HUGEPAGE);
	return (void *)area;
}

void *mmap64(void *start, size_t bytes, int protection, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));
