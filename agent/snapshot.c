// SPDX-License-Identifier: Apache-2.0
/*
 * Counters, as they stand: KSM's, the memory's, KVM's. All are cumulative; what
 * belongs to a phase is the difference between two snapshots, which the analysis takes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define KSM "/sys/kernel/mm/ksm"
#define KVM_STATISTICS "/sys/kernel/debug/kvm"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds each file of @dir that holds a number to the record, in the order of names. */
static void record_directory(const char *dir)
{
	struct dirent **names;
	struct path p;
	int count = scandir(rooted(&p, "%s", dir), &names, NULL, by_name);

	for (int i = 0; i < count; i++) {
		char path[PATH_BYTES];
		uint64_t value;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_type == DT_REG && file_number(path, &value))
			record_number(names[i]->d_name, value);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

void snapshot_ksm(void)
{
	record_begin("ksm");
	record_directory(KSM);
	if (observing())
		record_number("ksmd_run_ns", ksmd_run_ns());
	record_end();
}

/* "Name:   123 kB" lines of /proc/meminfo and smaps_rollup. */
static void record_kib_lines(char *text)
{
	char *line, *save = NULL;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char key[80];
		unsigned long long kib;
		char name[64];

		if (sscanf(line, "%63[A-Za-z0-9_()]: %llu kB", name, &kib) != 2)
			continue;
		snprintf(key, sizeof(key), "%s_kib", name);
		record_number(key, kib);
	}
}

void snapshot_memory(void)
{
	static struct content content;

	if (!file_whole("/proc/meminfo", &content))
		fail(NULL, "cannot read /proc/meminfo");
	record_begin("memory");
	record_text("scope", "host");
	record_kib_lines(content.text);
	record_end();
	for (int i = 0; i < nguests; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", guests[i].vmm);
		if (!file_whole(path, &content))
			fail(&guests[i], "cannot read %s", path);
		record_begin("memory");
		record_text("scope", "guest");
		record_number("guest", i);
		record_kib_lines(content.text);
		record_end();
	}
}

/* Whether the agent looks at all there is, or (observe=least) at little more than nothing. */
bool observing(void)
{
	return !plan_is("observe", "least");
}

void counters_start(void)
{
	if (!observing())
		return;
	cut_prepare();
	histograms_start();
	costs_start();
}

/* A VM's directory is named after its VMM: "PID-FD". */
static bool find_statistics(const struct guest *g, char *path, size_t bytes)
{
	struct path p;
	DIR *dir = opendir(rooted(&p, KVM_STATISTICS));
	struct dirent *entry;
	char prefix[32];
	bool found = false;

	snprintf(prefix, sizeof(prefix), "%d-", g->vmm);
	while (dir && !found && (entry = readdir(dir))) {
		found = !strncmp(entry->d_name, prefix, strlen(prefix));
		snprintf(path, bytes, KVM_STATISTICS "/%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* What became of mappings at change_pte; a kernel without the series does not count it. */
static void record_mapped(const struct guest *g, const char *dir)
{
	static const char *const kinds[] = { "updated", "zapped", "missed", "unmapped" };
	uint64_t values[4];

	for (int i = 0; i < 4; i++) {
		char path[PATH_BYTES + 64];

		snprintf(path, sizeof(path), "%s/change_pte_%s", dir, kinds[i]);
		if (!file_number(path, &values[i]))
			return;
	}
	record_begin("mapped");
	record_number("guest", g->number);
	for (int i = 0; i < 4; i++)
		record_number(kinds[i], values[i]);
	record_end();
}

static void snapshot_kvm(const struct guest *g)
{
	char dir[PATH_BYTES];

	if (!carrier_is_vm())
		return;
	if (!find_statistics(g, dir, sizeof(dir)))
		fail(g, "no statistics of guest %d in " KVM_STATISTICS, g->number);
	record_begin("kvm_stats");
	record_number("guest", g->number);
	record_directory(dir);
	record_end();
	record_mapped(g, dir);
}

static void snapshot_all_kvm(void)
{
	for (int i = 0; i < nguests; i++)
		snapshot_kvm(&guests[i]);
}

void snapshot_all(void)
{
	snapshot_ksm();
	if (!observing()) {
		/* KVM counts these whether anybody looks or not. */
		snapshot_all_kvm();
		return;
	}
	/* The counters of events first: taking the others does not touch a guest. */
	cut_begin();
	trace_mark();
	snapshot_histograms();
	snapshot_all_kvm();
	cut_end();
	trace_check();
	snapshot_costs();
	snapshot_events();
	snapshot_interrupts();
	snapshot_cpu();
	snapshot_memory();
}
