// SPDX-License-Identifier: Apache-2.0
/* Histograms that the kernel keeps in its own tracing buffers: exits and faults by guest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define EVENTS "/sys/kernel/tracing/events"
/* Twice the keys that guests x reasons have ever needed; drops fail the trial. */
#define HISTOGRAM_ENTRIES 8192

struct count {
	int guest;
	uint64_t code;
	uint64_t hits;
};

static int by_guest_and_code(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	if (a->guest != b->guest)
		return a->guest < b->guest ? -1 : 1;
	return a->code < b->code ? -1 : a->code > b->code;
}

static int guest_of_thread(pid_t thread)
{
	for (int i = 0; i < nguests; i++)
		if (guests[i].vcpu == thread)
			return i;
	return -1;
}

/*
 * The next line of a histogram's entries, "{ KEY: 1024 } hitcount: 12", or NULL at their end:
 * totals follow, of which "Dropped" has to be zero. NULL for event goes on with the one before.
 */
char *histogram_entry(const char *event)
{
	static char text[1 << 20], *save;
	static char path[128];
	unsigned long long dropped;
	char *line;

	if (event) {
		snprintf(path, sizeof(path), EVENTS "/%s/hist", event);
		if (!file_read(path, text, sizeof(text)))
			fail(NULL, "cannot read %s", path);
	}
	line = strtok_r(event ? text : NULL, "\n", &save);
	for (; line && line[0] != '{'; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, " Dropped: %llu", &dropped) == 1 && dropped)
			fail(NULL, "%s dropped %llu hits", path, dropped);
	return line;
}

static void snapshot_histogram(const char *event, const char *key, const char *kind,
			       const char *field)
{
	static struct count counts[HISTOGRAM_ENTRIES];
	char pattern[128];
	int n = 0;

	snprintf(pattern, sizeof(pattern), "{ common_pid: %%d, %s: %%llu } hitcount: %%llu", key);
	for (char *line = histogram_entry(event); line; line = histogram_entry(NULL)) {
		unsigned long long code, hits;
		pid_t thread;

		if (sscanf(line, pattern, &thread, &code, &hits) != 3 || n == HISTOGRAM_ENTRIES)
			continue;
		counts[n++] = (struct count){ guest_of_thread(thread), code, hits };
	}
	qsort(counts, n, sizeof(counts[0]), by_guest_and_code);
	for (int i = 0; i < n; i++) {
		if (counts[i].guest < 0)
			continue; /* before its thread was known, nothing of it is lost: see boot */
		record_begin(kind);
		record_number("guest", counts[i].guest);
		record_number(field, counts[i].code);
		record_number("count", counts[i].hits);
		record_end();
	}
}

static void start_histogram(const char *event, const char *key)
{
	char path[128], trigger[128];

	snprintf(path, sizeof(path), EVENTS "/kvm/%s/trigger", event);
	snprintf(trigger, sizeof(trigger), "hist:keys=common_pid,%s:size=%d", key, HISTOGRAM_ENTRIES);
	file_write(path, trigger);
}

void histograms_start(void)
{
	start_histogram("kvm_exit", "exit_reason");
	start_histogram("kvm_page_fault", "error_code");
}

void snapshot_histograms(void)
{
	snapshot_histogram("kvm/kvm_exit", "exit_reason", "exits", "reason_code");
	snapshot_histogram("kvm/kvm_page_fault", "error_code", "faults", "error_code");
}
