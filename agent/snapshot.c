// SPDX-License-Identifier: Apache-2.0
/*
 * Counters, as they stand: KSM's, the memory's, KVM's. All are cumulative; what
 * belongs to a phase is the difference between two snapshots, which the analysis takes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define KSM "/sys/kernel/mm/ksm"
#define KVM_STATISTICS "/sys/kernel/debug/kvm"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds each file of @dir that holds a number to the record, in the order of names. */
static int record_directory(const char *dir)
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, by_name), numbers = 0;

	for (int i = 0; i < count; i++) {
		char path[512];
		uint64_t value;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_type == DT_REG && file_number(path, &value)) {
			record_number(names[i]->d_name, value);
			numbers++;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return numbers;
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
	char *line, *save;

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
	static char text[16384];

	if (file_read("/proc/meminfo", text, sizeof(text))) {
		record_begin("memory");
		record_text("scope", "host");
		record_kib_lines(text);
		record_end();
	}
	for (int i = 0; i < nguests; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", guests[i].vmm);
		if (!file_read(path, text, sizeof(text)))
			fail(&guests[i], "cannot read %s", path);
		record_begin("memory");
		record_text("scope", "guest");
		record_number("guest", i);
		record_kib_lines(text);
		record_end();
	}
}

/* Whether the agent looks at all there is, or (observe=least) at little more than nothing. */
bool observing(void)
{
	return strcmp(plan_text("observe", "counters"), "least");
}

void counters_start(void)
{
	if (!observing())
		return;
	histograms_start();
	costs_start();
}

/* A VM's directory is named after its VMM: "PID-FD". */
static bool find_statistics(const struct guest *g, char *path, size_t bytes)
{
	DIR *dir = opendir(KVM_STATISTICS);
	struct dirent *entry;
	char prefix[32];
	bool found = false;

	snprintf(prefix, sizeof(prefix), "%d-", g->vmm);
	while (dir && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, prefix, strlen(prefix))) {
			snprintf(path, bytes, KVM_STATISTICS "/%s", entry->d_name);
			found = true;
			break;
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

static void snapshot_kvm(const struct guest *g)
{
	static const char *const kinds[] = { "updated", "zapped", "missed", "unmapped" };
	char dir[512], path[600];
	uint64_t values[4];
	bool counted = true;

	if (!carrier_is_vm())
		return;
	if (!find_statistics(g, dir, sizeof(dir)))
		fail(g, "no statistics of guest %d in " KVM_STATISTICS, g->number);
	record_begin("kvm");
	record_number("guest", g->number);
	record_directory(dir);
	record_end();

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/change_pte_%s", dir, kinds[i]);
		counted &= file_number(path, &values[i]);
	}
	if (!counted)
		return; /* a kernel without the series */
	record_begin("mapped");
	record_number("guest", g->number);
	for (int i = 0; i < 4; i++)
		record_number(kinds[i], values[i]);
	record_end();
}

/* Nanoseconds that a thread has run: the first number of schedstat. */
static bool thread_run_ns(pid_t process, pid_t thread, uint64_t *run_ns)
{
	char path[96], text[128];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", process, thread);
	if (!file_read(path, text, sizeof(text)))
		return false;
	*run_ns = strtoull(text, NULL, 10);
	return true;
}

uint64_t vcpus_run_ns(void)
{
	uint64_t sum = 0, run_ns;

	for (int i = 0; i < nguests; i++)
		if (thread_run_ns(guests[i].vmm, guests[i].vcpu, &run_ns))
			sum += run_ns;
	return sum;
}

static pid_t find_ksmd(void)
{
	static pid_t found;
	DIR *dir = found ? NULL : opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[300], name[32];

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (file_read(path, name, sizeof(name)) && !strcmp(name, "ksmd\n"))
			found = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

uint64_t ksmd_run_ns(void)
{
	pid_t ksmd = find_ksmd();
	uint64_t run_ns;

	return ksmd && thread_run_ns(ksmd, ksmd, &run_ns) ? run_ns : 0;
}

static void snapshot_cpu(void)
{
	uint64_t run_ns;

	record_begin("cpu");
	record_text("task", "ksmd");
	record_number("run_ns", ksmd_run_ns());
	record_end();
	for (int i = 0; i < nguests; i++) {
		if (thread_run_ns(guests[i].vmm, guests[i].vcpu, &run_ns)) {
			record_begin("cpu");
			record_text("task", carrier_is_vm() ? "vcpu" : "process");
			record_number("guest", i);
			record_number("run_ns", run_ns);
			record_end();
		}
	}
}

/*
 * On a host with one CPU no guest runs as long as the agent comes first. So an exit between two
 * readings cannot be in one of them alone.
 */
static void come_first(bool first)
{
	struct sched_param priority = { .sched_priority = first };

	if (sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &priority))
		fail(NULL, "cannot change the agent's scheduling: %s", strerror(errno));
}

void snapshot_all(void)
{
	snapshot_ksm();
	if (!observing()) {
		/* KVM counts these whether anybody looks or not. */
		for (int i = 0; i < nguests; i++)
			snapshot_kvm(&guests[i]);
		return;
	}
	/* The counters of events first: taking the others does not touch a guest. */
	come_first(true);
	trace_cut_begin();
	snapshot_histograms();
	for (int i = 0; i < nguests; i++)
		snapshot_kvm(&guests[i]);
	trace_cut_end();
	come_first(false);
	snapshot_costs();
	snapshot_events();
	snapshot_cpu();
	snapshot_memory();
}
