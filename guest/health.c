// SPDX-License-Identifier: Apache-2.0
/* What the guest's kernel complained of: guests boot with loglevel=1, so that nobody has heard it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "guest.h"
#include "internal.h"

#define TAINTED "/proc/sys/kernel/tainted"
/* Bits of it, as Documentation/admin-guide/tainted-kernels.rst has them; modules have others. */
#define MACHINE_CHECK (1ul << 4)
#define BAD_PAGE (1ul << 5)
#define DIED (1ul << 7)
#define WARNED (1ul << 9)
#define SOFT_LOCKUP (1ul << 14)
#define COMPLAINTS (MACHINE_CHECK | BAD_PAGE | DIED | WARNED | SOFT_LOCKUP)

/* syslog(2) */
#define READ_ALL 3
#define SIZE_BUFFER 10

/* How complaints begin; the first that is found is shown with what follows. */
static const char *const signs[] = { "WARNING: ", "BUG: ", "Oops", "Machine check", "soft lockup" };
#define SHOWN_BYTES 2000

static const char *first_complaint(const char *log)
{
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *found = strstr(log, signs[i]);

		if (found && (!first || found < first))
			first = found;
	}
	/* All of its line. */
	while (first && first > log && first[-1] != '\n')
		first--;
	return first ? first : log;
}

static void show_complaint(int to)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0), used;
	char *log = size > 0 ? malloc(size + 1) : NULL;

	if (!log)
		return;
	used = klogctl(READ_ALL, log, size);
	if (used > 0) {
		log[used] = 0;
		dprintf(to, "\n%.*s\n", SHOWN_BYTES, first_complaint(log));
	}
	free(log);
}

int health_check(int to)
{
	char text[32];
	int fd = open(TAINTED, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	unsigned long tainted;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return failed("cannot read " TAINTED ": %m");
	text[n] = 0;
	tainted = strtoul(text, NULL, 10);
	if (!(tainted & COMPLAINTS))
		return 0;
	show_complaint(to);
	return failed("its kernel complained (" TAINTED " is %lu)", tainted);
}
