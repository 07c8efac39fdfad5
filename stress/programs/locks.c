// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "locks.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "files.h"

#define LOCK_STAT "/proc/lock_stat"

/*
 * Classes have the text of the argument that the lock was set up with; one text is several
 * classes, "#2" and so on, where an inline function sets locks up in several places.
 */
static struct lock {
	const char *name, *class, *side;
	uint64_t taken, held_ns, longest_ns;
} locks[] = {
	{ .name = "mmu_lock_write", .class = "->mmu_lock", .side = "-W" },
	{ .name = "mmu_lock_read", .class = "->mmu_lock", .side = "-R" },
	{ .name = "page_table_lock", .class = "ptlock_ptr(", .side = "" },
};

#define LOCKS (sizeof(locks) / sizeof(locks[0]))

void locks_begin(void)
{
	write_text(LOCK_STAT, "0");
}

static uint64_t ns(double us)
{
	return us * 1000 + 0.5;
}

static void add(struct lock *lock, const char *numbers)
{
	double longest_us, held_us;
	unsigned long long taken;

	/* Before these four: how it was waited for; after them the mean. */
	if (sscanf(numbers, "%*u %*u %*f %*f %*f %*f %*u %llu %*f %lf %lf", &taken, &longest_us,
		   &held_us) != 3)
		die("cannot read the times of %s", lock->name);
	lock->taken += taken;
	lock->held_ns += ns(held_us);
	if (ns(longest_us) > lock->longest_ns)
		lock->longest_ns = ns(longest_us);
}

void locks_print(void)
{
	char line[512];
	FILE *file = fopen(LOCK_STAT, "re");

	if (!file)
		die("cannot open " LOCK_STAT);
	while (fgets(line, sizeof(line), file)) {
		char *end = strstr(line, ": ");

		if (!end)
			continue;
		*end = 0;
		for (size_t i = 0; i < LOCKS; i++) {
			size_t side = strlen(locks[i].side);

			if (strstr(line, locks[i].class) && end - line > (long)side &&
			    !strcmp(end - side, locks[i].side))
				add(&locks[i], end + 1);
		}
	}
	fclose(file);
	for (size_t i = 0; i < LOCKS; i++)
		printf(" %s_taken=%llu %s_held_ns=%llu %s_longest_ns=%llu", locks[i].name,
		       (unsigned long long)locks[i].taken, locks[i].name,
		       (unsigned long long)locks[i].held_ns, locks[i].name,
		       (unsigned long long)locks[i].longest_ns);
}
