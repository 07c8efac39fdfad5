// SPDX-License-Identifier: Apache-2.0
/* Histograms that the kernel keeps in its own tracing buffers: exits and faults by guest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arch.h"

#define EVENTS "/sys/kernel/tracing/events"
/* Twice the keys that 64 guests x reasons have ever needed; drops fail the trial. */
#define LEAST_ENTRIES 8192
#define ENTRIES_A_VCPU 128

struct count {
	int guest, vcpu;
	uint64_t code;
	uint64_t hits;
};

static int by_vcpu_and_code(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	if (a->guest != b->guest)
		return a->guest < b->guest ? -1 : 1;
	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	return a->code < b->code ? -1 : a->code > b->code;
}

/* As many as all virtual CPUs of the trial can need; the kernel wants a power of two. */
static unsigned int entries(void)
{
	uint64_t wanted = ENTRIES_A_VCPU * plan_number("guests") * plan_number("vcpus");
	unsigned int power = LEAST_ENTRIES;

	while (power < wanted)
		power *= 2;
	return power;
}

/*
 * The next line of a histogram's entries, "{ KEY: 1024 } hitcount: 12", or NULL at their end:
 * totals follow, of which "Dropped" has to be zero. NULL for event goes on with the one before.
 */
char *histogram_entry(const char *event)
{
	static struct content content;
	static char path[128], *save;
	unsigned long long dropped;
	char *line;

	if (event) {
		snprintf(path, sizeof(path), EVENTS "/%s/hist", event);
		if (!file_whole(path, &content))
			fail(NULL, "cannot read %s", path);
	}
	line = strtok_r(event ? content.text : NULL, "\n", &save);
	for (; line && line[0] != '{'; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, " Dropped: %llu", &dropped) == 1 && dropped)
			fail(NULL, "%s dropped %llu hits", path, dropped);
	return line;
}

static void snapshot_histogram(const char *event, const char *key, const char *kind,
			       const char *field)
{
	static struct count *counts;
	unsigned int room = entries(), n = 0;
	char pattern[128];

	if (!counts)
		counts = calloc(room, sizeof(*counts));
	if (!counts)
		fail(NULL, "no memory for %u counters", room);
	snprintf(pattern, sizeof(pattern), "{ common_pid: %%d, %s: %%llu } hitcount: %%llu", key);
	for (char *line = histogram_entry(event); line; line = histogram_entry(NULL)) {
		struct count c = { 0 };
		unsigned long long code, hits;
		pid_t thread;

		/* Nothing of a thread is lost before it is known: it stays in the histogram. */
		if (sscanf(line, pattern, &thread, &code, &hits) != 3 ||
		    !vcpu_of_thread(thread, &c.guest, &c.vcpu))
			continue;
		if (n == room)
			fail(NULL, "%s has more than %u counters", event, room);
		c.code = code;
		c.hits = hits;
		counts[n++] = c;
	}
	qsort(counts, n, sizeof(*counts), by_vcpu_and_code);
	for (unsigned int i = 0; i < n; i++) {
		record_begin(kind);
		record_number("guest", counts[i].guest);
		record_number("vcpu", counts[i].vcpu);
		record_number(field, counts[i].code);
		record_number("count", counts[i].hits);
		record_end();
	}
}

static void start_histogram(const char *event, const char *key)
{
	char path[128], trigger[128];

	snprintf(path, sizeof(path), EVENTS "/%s/trigger", event);
	snprintf(trigger, sizeof(trigger), "hist:keys=common_pid,%s:size=%u", key, entries());
	file_write(path, trigger);
}

void histograms_start(void)
{
	start_histogram(EXIT_EVENT, EXIT_KEY);
	start_histogram(FAULT_EVENT, FAULT_KEY);
}

void snapshot_histograms(void)
{
	snapshot_histogram(EXIT_EVENT, EXIT_KEY, "exits", "reason_code");
	snapshot_histogram(FAULT_EVENT, FAULT_KEY, "faults", "error_code");
}
