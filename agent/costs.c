// SPDX-License-Identifier: Apache-2.0
/*
 * What the host pays, for observe=costs: takings of reader-writer locks by who takes them
 * (KVM's mmu_lock is one), TLB flushes by reason, and the time from a vmexit to the next entry
 * by the exit's reason. Probes on the locks cost much themselves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arch.h"

#define TRACING "/sys/kernel/tracing/"
#define EVENTS TRACING "events/"
#define ENTRIES 2048

struct cost {
	char key[128];
	uint64_t hits, sum;
};

static bool costs_are_asked(void)
{
	return plan_is("observe", "costs");
}

#define PROBES                                                             \
	"p:lab/write_lock _raw_write_lock caller=" RETURN_ADDRESS ":x64\n" \
	"p:lab/read_lock _raw_read_lock caller=" RETURN_ADDRESS ":x64\n"

void costs_start(void)
{
	if (!costs_are_asked())
		return;
	file_write(TRACING "kprobe_events", PROBES);
	file_write(EVENTS "lab/write_lock/trigger", "hist:keys=caller.sym:size=2048");
	file_write(EVENTS "lab/read_lock/trigger", "hist:keys=caller.sym:size=2048");
	file_write(EVENTS "tlb/tlb_flush/trigger", "hist:keys=reason");
	/* A thread's exit is matched with its next entry; exits are counted by reason as well. */
	file_write(TRACING "synthetic_events", "lab_exit u32 code; u64 spent_ns");
	if (!file_append(EVENTS EXIT_EVENT "/trigger",
			 "hist:keys=common_pid:left=common_timestamp:code=" EXIT_KEY))
		fail(NULL, "cannot time " EXIT_EVENT ": %s", strerror(errno));
	file_write(EVENTS "kvm/kvm_entry/trigger",
		   "hist:keys=common_pid:spent=common_timestamp-$left:"
		   "onmatch(kvm.kvm_exit).lab_exit($code,$spent)");
	file_write(EVENTS "synthetic/lab_exit/trigger", "hist:keys=code:vals=spent_ns");
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct cost *)a)->key, ((const struct cost *)b)->key);
}

/* Entries of a histogram by their key, equal keys as one; "[ADDRESS] name" counts by name. */
static int read_costs(const char *event, const char *key, struct cost *costs)
{
	int n = 0, kept = 0;

	for (char *line = histogram_entry(event); line; line = histogram_entry(NULL)) {
		char *begin = strstr(line, key), *hits = strstr(line, "hitcount:"), *sum, *end;

		if (!begin || !hits)
			continue;
		if (n == ENTRIES)
			fail(NULL, "%s has more than %d counters", event, ENTRIES);
		begin += strlen(key) + 1;
		begin += strspn(begin, " ");
		if (*begin == '[' && (end = strchr(begin, ']')))
			begin = end + 1 + strspn(end + 1, " ");
		snprintf(costs[n].key, sizeof(costs[n].key), "%.*s", (int)strcspn(begin, " }"),
			 begin);
		costs[n].hits = strtoull(hits + strlen("hitcount:"), NULL, 10);
		sum = strstr(hits, "spent_ns:");
		costs[n++].sum = sum ? strtoull(sum + strlen("spent_ns:"), NULL, 10) : 0;
	}
	qsort(costs, n, sizeof(*costs), by_key);
	for (int i = 0; i < n; i++) {
		if (kept && !strcmp(costs[kept - 1].key, costs[i].key)) {
			costs[kept - 1].hits += costs[i].hits;
			costs[kept - 1].sum += costs[i].sum;
		} else {
			costs[kept++] = costs[i];
		}
	}
	return kept;
}

static void record_costs(const char *what, const char *event, const char *key)
{
	static struct cost costs[ENTRIES];
	int n = read_costs(event, key, costs);

	for (int i = 0; i < n; i++) {
		record_begin("host_costs");
		record_text("what", what);
		record_text("key", costs[i].key);
		record_number("count", costs[i].hits);
		record_number("spent_ns", costs[i].sum);
		record_end();
	}
}

void snapshot_costs(void)
{
	if (!costs_are_asked())
		return;
	record_costs("write lock", "lab/write_lock", "caller:");
	record_costs("read lock", "lab/read_lock", "caller:");
	record_costs("tlb flush", "tlb/tlb_flush", "reason:");
	record_costs("exit", "synthetic/lab_exit", "code:");
}
