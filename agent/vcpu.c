// SPDX-License-Identifier: Apache-2.0
/*
 * Threads that run guests, found by the name that the plan says their VMM gives them; and the CPU
 * time that threads have had.
 *
 * pin=free leaves it to the kernel where a virtual CPU runs. pin=spread ties each to one CPU, all
 * of them in turn from the first guest's first; the VMMs' other threads, ksmd and the agent go
 * where they like.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define NAME_BYTES 64

/* "CPU {vcpu}/KVM" with the number in its place. */
static void name_of(int vcpu, char *name, size_t bytes)
{
	static const char placeholder[] = "{vcpu}";
	const char *pattern = plan_text("vmm.vcpu_thread");
	const char *at = strstr(pattern, placeholder);

	if (!at)
		fail(NULL, "the plan's vmm.vcpu_thread does not say where the number stands: %s",
		     pattern);
	snprintf(name, bytes, "%.*s%d%s\n", (int)(at - pattern), pattern, vcpu,
		 at + strlen(placeholder));
}

static pid_t find_thread(pid_t process, const char *wanted)
{
	char path[PATH_BYTES], name[NAME_BYTES];
	struct dirent *entry;
	pid_t found = 0;
	struct path p;
	DIR *dir = opendir(rooted(&p, "/proc/%d/task", process));

	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/comm", process, entry->d_name);
		if (file_read(path, name, sizeof(name)) && !strcmp(name, wanted))
			found = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void find_all(struct guest *g)
{
	uint64_t wanted = plan_number("vcpus");
	char name[NAME_BYTES];

	if (wanted < 1 || wanted > MAX_VCPUS)
		fail(NULL, "vcpus=%llu asked for, 1 to %d are possible", (unsigned long long)wanted,
		     MAX_VCPUS);
	for (g->nvcpus = 0; g->nvcpus < (int)wanted; g->nvcpus++) {
		name_of(g->nvcpus, name, sizeof(name));
		g->vcpus[g->nvcpus] = find_thread(g->vmm, name);
		if (!g->vcpus[g->nvcpus])
			fail(g, "guest %d has no thread '%.*s'", g->number,
			     (int)strcspn(name, "\n"), name);
	}
}

static void pin(const struct guest *g)
{
	if (plan_is("pin", "free"))
		return;
	if (!plan_is("pin", "spread"))
		fail(NULL, "the plan's pin is '%s', not 'free' or 'spread'", plan_text("pin"));
	for (int i = 0; i < g->nvcpus; i++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(cpu_number((g->number * g->nvcpus + i) % cpu_count()), &set);
		if (sched_setaffinity(g->vcpus[i], sizeof(set), &set))
			fail(g, "cannot pin virtual CPU %d of guest %d: %s", i, g->number,
			     strerror(errno));
	}
}

void vcpus_find(struct guest *g)
{
	if (carrier_is_vm()) {
		find_all(g);
	} else {
		g->vcpus[0] = g->vmm;
		g->nvcpus = 1;
	}
	pin(g);
}

bool vcpu_of_thread(pid_t thread, int *guest, int *vcpu)
{
	for (*guest = 0; *guest < nguests; ++*guest)
		for (*vcpu = 0; *vcpu < guests[*guest].nvcpus; ++*vcpu)
			if (guests[*guest].vcpus[*vcpu] == thread)
				return true;
	return false;
}

int vcpus_count(void)
{
	int count = 0;

	for (int i = 0; i < nguests; i++)
		count += guests[i].nvcpus;
	return count;
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

uint64_t guest_run_ns(const struct guest *g)
{
	uint64_t sum = 0, run_ns;

	for (int vcpu = 0; vcpu < g->nvcpus; vcpu++)
		if (thread_run_ns(g->vmm, g->vcpus[vcpu], &run_ns))
			sum += run_ns;
	return sum;
}

uint64_t vcpus_run_ns(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < nguests; i++)
		sum += guest_run_ns(&guests[i]);
	return sum;
}

static pid_t find_ksmd(void)
{
	static pid_t found;
	struct path p;
	DIR *dir = found ? NULL : opendir(rooted(&p, "/proc"));
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		char path[PATH_BYTES], name[NAME_BYTES];

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

static void record_run(const struct guest *g, int vcpu)
{
	uint64_t run_ns;

	if (!thread_run_ns(g->vmm, g->vcpus[vcpu], &run_ns))
		return;
	record_begin("cpu");
	record_text("task", carrier_is_vm() ? "vcpu" : "process");
	record_number("guest", g->number);
	if (carrier_is_vm())
		record_number("vcpu", vcpu);
	record_number("run_ns", run_ns);
	record_end();
}

void snapshot_cpu(void)
{
	record_begin("cpu");
	record_text("task", "ksmd");
	record_number("run_ns", ksmd_run_ns());
	record_end();
	for (int i = 0; i < nguests; i++)
		for (int vcpu = 0; vcpu < guests[i].nvcpus; vcpu++)
			record_run(&guests[i], vcpu);
}
