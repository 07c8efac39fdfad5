// SPDX-License-Identifier: Apache-2.0
/*
 * faults: a guest that dies in the way it is told, for tests; the numbers are those of
 * ../faults.ts. Only the last of two guests does, so that the lab has to tell which it was.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "guest.h"

enum {
	PANIC_IN_LOAD = 1,
	INIT_ENDS = 2,
	ASLEEP = 3,
	SPINNING = 4,
	FLOOD = 5,
	OUT_OF_MEMORY = 6,
	PANIC_IN_MERGE = 7,
	HUNGRY = 8,
	RESTLESS = 9,
	WARNS = 10,
};

#define VICTIM 1
#define PAGES 256
/* Of 64 MiB, what a guest can spare. */
#define HUNGRY_BYTES (36ul << 20)
/* Behind settle, which takes about one second, and before the end of merge. */
#define IN_MERGE_S 3

static struct pages set;

static uint64_t fault(void)
{
	uint64_t asked = param("fault", 0);

	return param("guest", 0) == VICTIM || asked == HUNGRY ? asked : 0;
}

/* The kernel panics, as its init is killed. */
static void die(int signal)
{
	(void)signal;
	*(volatile char *)NULL = 1;
}

static unsigned char *take(size_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* No two pages are alike, so that merging does not help. */
static void fill(unsigned char *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
		uint64_t value = random_next();

		memcpy(memory + at, &value, sizeof(value));
	}
}

static void take_all(void)
{
	for (;;) {
		unsigned char *memory = take(1 << 20);

		if (memory)
			memset(memory, 1, 1 << 20);
	}
}

static void flood(void)
{
	int console = open("/dev/hvc0", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	for (;;)
		dprintf(console, "%0200d\n", 0);
}

static void spin(void)
{
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(4);
	close(fd);
}

/* As WARN() has it: a line in the log, and the kernel's own note (bit 9) that there was one. */
static void warn(void)
{
	write_to("/dev/kmsg", "<4>WARNING: CPU: 0 PID: 1 at faults/guest.c:1 warn+0x1/0x2\n");
	write_to("/proc/sys/kernel/tainted", "512");
}

static int load(struct touch *t)
{
	struct itimerval later = { .it_value.tv_sec = IN_MERGE_S };
	size_t bytes = PAGES * PAGE_BYTES;
	unsigned char *memory = take(bytes);

	if (!memory)
		return failed("cannot map %zu bytes: %m", bytes);
	memset(memory, 7, bytes);
	t->units = PAGES;
	if (pages_add(&set, memory, bytes))
		return -1;
	pages_shuffle(&set);
	switch (fault()) {
	case PANIC_IN_LOAD:
		die(0);
		break;
	case INIT_ENDS:
		exit(3);
	case OUT_OF_MEMORY:
		take_all();
		break;
	case PANIC_IN_MERGE:
		signal(SIGALRM, die);
		setitimer(ITIMER_REAL, &later, NULL);
		break;
	case RESTLESS:
		if (!fork())
			spin();
		break;
	case HUNGRY:
		memory = take(HUNGRY_BYTES);
		if (!memory)
			return failed("cannot map %lu bytes: %m", HUNGRY_BYTES);
		fill(memory, HUNGRY_BYTES);
		break;
	}
	return 0;
}

static int touch(struct touch *t, unsigned int round)
{
	(void)round;
	switch (fault()) {
	case ASLEEP:
		for (;;)
			pause();
	case SPINNING:
		spin();
		break;
	case FLOOD:
		flood();
		break;
	case WARNS:
		warn();
		break;
	}
	pages_touch(&set, t);
	return 0;
}

static int flip(struct touch *t, unsigned int permille)
{
	pages_flip(&set, t, permille);
	return 0;
}

static int restore(struct touch *t)
{
	return flip(t, param("rewrite_permille", 1000));
}

const struct workload workload = { load, touch, flip, restore };
