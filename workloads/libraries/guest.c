// SPDX-License-Identifier: Apache-2.0
/*
 * libraries: real shared libraries are mapped the way a dynamic loader maps them
 * and their pages are walked.
 *
 * Text and read-only data stay pages of the page cache; the pages of the writable
 * segment become private as soon as a relocation is applied to them, and then hold
 * addresses: with address-space randomisation they differ from guest to guest.
 * Symbols are not resolved, as with lazy binding of functions that nobody calls.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static struct pages mapped; /* everything that is touched */
static struct pages written; /* the writable segments' pages */
static struct touch *loading;

#define PAGE_DOWN(x) ((x) & ~(uint64_t)(PAGE_BYTES - 1))
#define PAGE_UP(x) PAGE_DOWN((x) + PAGE_BYTES - 1)

static int protection_of(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

static int map_segment(int fd, const char *path, unsigned char *base, const Elf64_Phdr *segment)
{
	uint64_t start = PAGE_DOWN(segment->p_vaddr);
	uint64_t file_end = segment->p_vaddr + segment->p_filesz;
	uint64_t end = segment->p_vaddr + segment->p_memsz;
	uint64_t file_pages_end = PAGE_UP(file_end);
	int protection = protection_of(segment);

	if (segment->p_filesz &&
	    mmap(base + start, file_end - start, protection, MAP_PRIVATE | MAP_FIXED, fd,
		 PAGE_DOWN(segment->p_offset)) == MAP_FAILED)
		return failed("cannot map a segment of %s: %m", path);

	/* .bss: the rest of the last file page is cleared, what follows is anonymous. */
	if (segment->p_memsz > segment->p_filesz && protection & PROT_WRITE) {
		if (file_pages_end > file_end)
			memset(base + file_end, 0,
			       (file_pages_end < end ? file_pages_end : end) - file_end);
		if (PAGE_UP(end) > file_pages_end &&
		    mmap(base + file_pages_end, PAGE_UP(end) - file_pages_end, protection,
			 MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			return failed("cannot map .bss of %s: %m", path);
	}

	/* Only what the file holds belongs to the working set: .bss is all zero. */
	if (segment->p_filesz && pages_add(&mapped, base + start, file_end - start))
		return -1;
	if (segment->p_filesz && protection & PROT_WRITE)
		return pages_add(&written, base + start, file_end - start);
	return 0;
}

/* Those relocations that need no symbol: the bulk of what makes pages private. */
static void relocate(unsigned char *base, uint64_t span, const Elf64_Dyn *dynamic)
{
	uint64_t rela = 0, rela_bytes = 0;

	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_RELA)
			rela = dynamic->d_un.d_ptr;
		else if (dynamic->d_tag == DT_RELASZ)
			rela_bytes = dynamic->d_un.d_val;
	}
	for (uint64_t at = rela; at + sizeof(Elf64_Rela) <= rela + rela_bytes;
	     at += sizeof(Elf64_Rela)) {
		const Elf64_Rela *r = (const Elf64_Rela *)(base + at);

		if (ELF64_R_TYPE(r->r_info) != RELOCATION_RELATIVE || r->r_offset + 8 > span)
			continue;
		*(uint64_t *)(base + r->r_offset) = (uint64_t)base + r->r_addend;
	}
}

static int map_library(int fd, const char *path, const Elf64_Ehdr *header,
		       const Elf64_Phdr *segments)
{
	const Elf64_Phdr *dynamic = NULL;
	uint64_t span = 0;
	unsigned char *base;

	for (int i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_LOAD)
			span = PAGE_UP(segments[i].p_vaddr + segments[i].p_memsz);
		if (segments[i].p_type == PT_DYNAMIC)
			dynamic = &segments[i];
	}
	if (!span || !dynamic)
		return 0; /* not a shared library */
	base = mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return failed("cannot reserve addresses for %s: %m", path);
	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && map_segment(fd, path, base, &segments[i]))
			return -1;
	relocate(base, span, (const Elf64_Dyn *)(base + dynamic->p_vaddr));
	return 0;
}

static int load_library(const char *path, uint64_t bytes)
{
	unsigned char start[PAGE_BYTES];
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)start;
	int fd = open(path, O_RDONLY);
	uint64_t begin = ticks_now();
	int result = 0;

	if (fd < 0)
		return failed("cannot open %s: %m", path);
	if (bytes > param("largest_kib", 65536) * 1024) {
		close(fd);
		return 0;
	}
	if (pread(fd, start, sizeof(start), 0) == sizeof(start) &&
	    !memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_type == ET_DYN &&
	    header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr) <= sizeof(start))
		result = map_library(fd, path, header,
				     (const Elf64_Phdr *)(start + header->e_phoff));
	close(fd);
	touch_count(loading, ticks_now() - begin);
	return result;
}

static int load(struct touch *t)
{
	struct touch first = { 0 };

	loading = t;
	t->unit = "library";
	if (mount_data() || each_file("/data", load_library))
		return -1;
	if (!mapped.count)
		return failed("the disk holds no shared libraries");
	pages_shuffle(&mapped);
	pages_shuffle(&written);
	/* Bring in from the disk what the loader itself did not look at. */
	pages_touch(&mapped, &first);
	t->checksum = first.checksum;
	return 0;
}

static int touch(struct touch *t, unsigned int round)
{
	(void)round;
	pages_touch(&mapped, t);
	return 0;
}

static int rewrite(struct touch *t, unsigned int permille)
{
	pages_flip(&written, t, permille);
	return 0;
}

static int restore(struct touch *t)
{
	pages_flip(&written, t, param("rewrite_permille", 1000));
	return 0;
}

const struct workload workload = { load, touch, rewrite, restore };
