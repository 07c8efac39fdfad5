// SPDX-License-Identifier: Apache-2.0
/*
 * What two users of MMU notifiers, one with change_pte() and one without, are told
 * while KSM merges three copies of each of 64 pages, and while the copies are written
 * to afterwards. Needs stress/module/notifier_probe.c, loaded.
 *
 * Prints, for each of the two steps, the module's counters.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

#define PAGE 4096
#define CONTENTS 64
#define COPIES 3
#define BYTES ((size_t)CONTENTS * COPIES * PAGE)
#define PROBE "/sys/kernel/debug/notifier_probe/"
#define TRIES 1000

static unsigned long pages_sharing(void)
{
	uint64_t pages;

	if (!read_number(KSM "pages_sharing", &pages))
		die("cannot read " KSM "pages_sharing");
	return pages;
}

static void report(const char *step)
{
	char text[2048], *line, *save;

	read_text(PROBE "counters", text, sizeof(text));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		printf("%s %s\n", step, line);
}

/* Each content is merged from all of its copies. */
static void merge(void)
{
	unsigned long wanted = CONTENTS * (COPIES - 1);
	struct timespec pause = { 0, 20 * 1000000 };

	write_text(KSM "pages_to_scan", "1000");
	write_text(KSM "sleep_millisecs", "10");
	write_text(KSM "run", "1");
	for (int i = 0; pages_sharing() < wanted; i++) {
		if (i == TRIES) {
			printf("only %lu of %lu pages merged\n", pages_sharing(), wanted);
			exit(1);
		}
		nanosleep(&pause, NULL);
	}
	write_text(KSM "run", "0");
}

int main(void)
{
	unsigned char *memory =
		mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char range[64];
	int watch;

	if (memory == MAP_FAILED || madvise(memory, BYTES, MADV_NOHUGEPAGE) ||
	    madvise(memory, BYTES, MADV_MERGEABLE))
		die("cannot set up memory for KSM");
	for (int i = 0; i < CONTENTS * COPIES; i++)
		memset(memory + (size_t)i * PAGE, i % CONTENTS + 1, PAGE);
	watch = open(PROBE "watch", O_WRONLY | O_CLOEXEC);
	snprintf(range, sizeof(range), "%lx %lx", (uintptr_t)memory, (uintptr_t)memory + BYTES);
	if (watch < 0 || write(watch, range, strlen(range)) < 0)
		die("cannot watch with " PROBE "watch");

	merge();
	report("merge");
	for (int i = 0; i < CONTENTS; i++)
		memory[(size_t)i * PAGE] ^= 0xff;
	report("break");
	for (int i = 0; i < CONTENTS * COPIES; i++) {
		unsigned char wanted = i % CONTENTS + 1;

		if (memory[(size_t)i * PAGE + 1] != wanted ||
		    memory[(size_t)i * PAGE] != (i < CONTENTS ? wanted ^ 0xff : wanted)) {
			printf("page %d has other content\n", i);
			return 1;
		}
	}
	return 0;
}
