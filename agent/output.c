// SPDX-License-Identifier: Apache-2.0
/*
 * Where records go: shared memory of the emulated machine, which is a device's or a reserved part of
 * its own, standard output, or a file.
 *
 * The shared memory begins with a page that holds a header. Whoever reads from the
 * other side may take `length` bytes of the data behind it at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent.h"

/* QEMU's ivshmem-plain, whose BAR 2 is the memory. */
#define IVSHMEM_VENDOR 0x1af4
#define IVSHMEM_DEVICE 0x1110
#define IVSHMEM_BAR 2

/* Of the layout, whatever the host's pages are. */
#define HEADER_BYTES 4096
#define MAGIC "SAMEPAGE"

#define PHYSICAL "physical:"

enum { RUNNING = 0, DONE = 1, FAILED = 2, FULL = 3 };

struct header {
	char magic[8];
	uint64_t length; /* bytes of data that are complete records */
	uint64_t state;
};

static volatile struct header *header;
static char *data;
static size_t capacity;
static int file = -1;
static bool broken;

/* An output that does not work can be reported nowhere but on the console. */
static void no_output(const char *why)
{
	dprintf(STDERR_FILENO, "agent: no output: %s: %s\n", why, strerror(errno));
	broken = true;
	finish(false);
}

static void use_memory(void *map, size_t bytes)
{
	header = map;
	data = (char *)map + HEADER_BYTES;
	capacity = bytes - HEADER_BYTES;
	memcpy((void *)header->magic, MAGIC, sizeof(header->magic));
}

static void open_shared_memory(void)
{
	size_t bytes;
	void *map = pci_map(IVSHMEM_VENDOR, IVSHMEM_DEVICE, IVSHMEM_BAR, &bytes);

	if (!map)
		no_output("no shared-memory device 1af4:1110");
	use_memory(map, bytes);
}

/* "ADDRESS,BYTES" of physical memory that the kernel leaves alone. */
static void open_physical_memory(const char *where)
{
	unsigned long long at, bytes;
	void *map = MAP_FAILED;
	int fd = file_open("/dev/mem", O_RDWR | O_CLOEXEC);

	if (sscanf(where, "%llu,%llu", &at, &bytes) != 2 || bytes <= HEADER_BYTES)
		no_output(where);
	if (fd >= 0)
		map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
	if (map == MAP_FAILED)
		no_output("/dev/mem");
	close(fd);
	use_memory(map, bytes);
}

void output_open(const char *where)
{
	if (!strcmp(where, "shared-memory")) {
		open_shared_memory();
		return;
	}
	if (!strncmp(where, PHYSICAL, strlen(PHYSICAL))) {
		open_physical_memory(where + strlen(PHYSICAL));
		return;
	}
	/* Whoever reads may be gone: that is an error to be told, not a silent death. */
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(where, "-"))
		file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		file = open(where, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (file < 0)
		no_output(where);
}

static void append_to_memory(const char *bytes, size_t count)
{
	if (header->length + count > capacity) {
		header->state = FULL;
		errno = ENOSPC;
		no_output("the shared memory is full");
	}
	memcpy(data + header->length, bytes, count);
	/* The length says that the data is there, so it comes after the data. */
	__sync_synchronize();
	header->length += count;
}

void output_append(const char *bytes, size_t count)
{
	/* Before it is open, and when it failed, there is the console alone. */
	if (broken || (!header && file < 0))
		return;
	if (header) {
		append_to_memory(bytes, count);
		return;
	}
	for (size_t done = 0; done < count;) {
		ssize_t n = write(file, bytes + done, count - done);

		if (n < 0 && errno != EINTR)
			no_output("write");
		done += n > 0 ? n : 0;
	}
}

void output_close(bool done)
{
	if (header && header->state != FULL)
		header->state = done ? DONE : FAILED;
	else if (file >= 0)
		fsync(file);
}
