// SPDX-License-Identifier: Apache-2.0
/*
 * The raw trace: every second-level fault, exit, change of a second-level page table
 * and MMU notification, one by one. It is taken when the plan says "observe trace".
 *
 * The events come from tracepoints of KVM's and, for the notifications, from two
 * probes: their tracepoints do not say whose memory it is. They go to a tracing
 * instance of their own, are read as pages of the ring buffer, and leave as "event"
 * records: packed numbers (see docs/TRACE.md) in base64. A lost event fails the trial.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent.h"
#include "trace.h"

#define TRACING "/sys/kernel/tracing"
#define INSTANCE TRACING "/instances/samepage"
#define MAX_CPUS 512
/* Per CPU. The agent empties it far more often than the guests can fill it. */
#define BUFFER_KIB 16384

struct trace_source trace_sources[TRACE_KINDS] = {
	[FAULT] = { .path = "kvm/kvm_page_fault",
		    .fields = { { .name = "fault_address" }, { .name = "error_code" } } },
	[EXIT] = { .path = "kvm/kvm_exit", .fields = { { .name = "exit_reason" } } },
	[INVALIDATE] = { .path = "samepage/invalidate",
			 .fields = { { .name = "mm" }, { .name = "start" }, { .name = "end" },
				     { .name = "flags" }, { .name = "event" } } },
	[CHANGE] = { .path = "samepage/change",
		     .fields = { { .name = "mm" }, { .name = "address" }, { .name = "pte" } } },
	[SPTE] = { .path = "kvmmmu/kvm_tdp_mmu_spte_changed",
		   .fields = { { .name = "gfn" }, { .name = "level" }, { .name = "old_spte" },
			       { .name = "new_spte" } } },
	[MARK] = { .path = "ftrace/print" },
	[GUEST_ENTRY] = { .path = "kvmmmu/kvm_mmu_paging_element",
			  .shadow_only = true,
			  .fields = { { .name = "pte" }, { .name = "level" } } },
	[GUEST_FAULT] = { .path = "kvmmmu/kvm_mmu_walker_error",
			  .shadow_only = true,
			  .fields = { { .name = "pferr" } } },
	[SHADOW_ENTRY] = { .path = "kvmmmu/kvm_mmu_set_spte",
			   .shadow_only = true,
			   .fields = { { .name = "gfn" }, { .name = "level" }, { .name = "sptep" },
				       { .name = "spte" } } },
	[SHADOW_PAGE] = { .path = "kvmmmu/kvm_mmu_get_page",
			  .shadow_only = true,
			  .fields = { { .name = "gfn" }, { .name = "role" }, { .name = "created" } } },
	[SHADOW_SYNC] = { .path = "kvmmmu/kvm_mmu_sync_page",
			  .shadow_only = true,
			  .fields = { { .name = "gfn" }, { .name = "role" } } },
	[SHADOW_ZAP] = { .path = "kvmmmu/kvm_mmu_prepare_zap_page",
			 .shadow_only = true,
			 .fields = { { .name = "gfn" }, { .name = "role" } } },
	[SHADOW_DEVICE] = { .path = "kvmmmu/mark_mmio_spte", .shadow_only = true },
	[INVLPG] = { .path = "samepage/invlpg",
		     .shadow_only = true,
		     .fields = { { .name = "address" } } },
};

static bool tracing;
static int cpus, buffers[MAX_CPUS], marker = -1;

bool trace_is_on(void)
{
	return tracing;
}

/* ---- setting up ---- */

/* KVM then walks the guests' own page tables, and says what it found there. */
static bool shadow_paging(void)
{
	return !strcmp(plan_text("mmu", ""), "shadow");
}

/* "\tfield:u64 gfn;\toffset:8;\tsize:8;\tsigned:0;" */
static bool read_format(struct trace_source *s)
{
	static char text[16384];
	char path[160], *line, *save;
	int found = 0, wanted = 0;

	snprintf(path, sizeof(path), "%s/events/%s/format", TRACING, s->path);
	if (!file_read(path, text, sizeof(text)))
		return false;
	while (wanted < MAX_FIELDS && s->fields[wanted].name)
		wanted++;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *end = strchr(line, ';'), *name;
		int offset, size;

		sscanf(line, "ID: %d", &s->id);
		if (!end || !strstr(line, "field:") ||
		    sscanf(end, ";\toffset:%d;\tsize:%d;", &offset, &size) != 2)
			continue;
		*end = 0;
		name = strrchr(line, ' ');
		for (int i = 0; name && i < wanted; i++) {
			if (strcmp(name + 1, s->fields[i].name))
				continue;
			s->fields[i].offset = offset;
			s->fields[i].size = size;
			found++;
		}
	}
	return s->id && found == wanted;
}

static bool append_line(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	if (fd >= 0)
		close(fd);
	return done;
}

/*
 * struct mmu_notifier_range began with the vma until 6.3. Probes of an earlier agent
 * that died are replaced.
 */
static void set_probes(void)
{
	struct utsname kernel;
	int major = 0, minor = 0, mm;
	char line[256];

	uname(&kernel);
	sscanf(kernel.release, "%d.%d", &major, &minor);
	mm = major < 6 || (major == 6 && minor < 3) ? 8 : 0;
	append_line(TRACING "/kprobe_events", "-:samepage/invalidate\n");
	append_line(TRACING "/kprobe_events", "-:samepage/change\n");
	append_line(TRACING "/kprobe_events", "-:samepage/invlpg\n");
	snprintf(line, sizeof(line),
		 "p:samepage/invalidate kvm_mmu_notifier_invalidate_range_start mm=+%d(%%si):x64 "
		 "start=+%d(%%si):x64 end=+%d(%%si):x64 flags=+%d(%%si):u32 event=+%d(%%si):u32\n",
		 mm, mm + 8, mm + 16, mm + 24, mm + 28);
	if (!append_line(TRACING "/kprobe_events", line))
		fail(NULL, "cannot trace: no probe on kvm_mmu_notifier_invalidate_range_start: %s",
		     strerror(errno));
	/* Kernels from 6.10 on have no such callback unless they are patched. */
	if (!append_line(TRACING "/kprobe_events",
			 "p:samepage/change kvm_mmu_notifier_change_pte mm=%si:x64 address=%dx:x64 "
			 "pte=%cx:x64\n"))
		trace_sources[CHANGE].path = NULL;
	if (shadow_paging() &&
	    !append_line(TRACING "/kprobe_events",
			 "p:samepage/invlpg kvm_mmu_invlpg address=%si:x64\n"))
		fail(NULL, "cannot trace: no probe on kvm_mmu_invlpg: %s", strerror(errno));
}

static int open_buffer(int cpu)
{
	char path[128];

	snprintf(path, sizeof(path), INSTANCE "/per_cpu/cpu%d/trace_pipe_raw", cpu);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void trace_start(void)
{
	char path[160];

	if (strcmp(plan_text("observe", "counters"), "trace"))
		return;
	set_probes();
	rmdir(INSTANCE);
	if (mkdir(INSTANCE, 0755))
		fail(NULL, "cannot trace: cannot create " INSTANCE ": %s", strerror(errno));
	file_write(INSTANCE "/trace_clock", "mono");
	file_write_number(INSTANCE "/buffer_size_kb", BUFFER_KIB);
	/* A full buffer keeps what it has and counts what it drops. */
	file_write(INSTANCE "/options/overwrite", "0");
	for (int kind = FAULT; kind < TRACE_KINDS; kind++) {
		if (!trace_sources[kind].path || (trace_sources[kind].shadow_only && !shadow_paging()))
			continue;
		if (!read_format(&trace_sources[kind]))
			fail(NULL, "cannot trace: this kernel has no event %s as it is known",
			     trace_sources[kind].path);
		if (kind == MARK)
			continue;
		snprintf(path, sizeof(path), INSTANCE "/events/%s/enable", trace_sources[kind].path);
		file_write(path, "1");
	}
	for (cpus = 0; cpus < MAX_CPUS && (buffers[cpus] = open_buffer(cpus)) >= 0; cpus++)
		;
	marker = open(INSTANCE "/trace_marker", O_WRONLY | O_CLOEXEC);
	if (!cpus || marker < 0)
		fail(NULL, "cannot trace: cannot open " INSTANCE "'s buffers: %s", strerror(errno));
	tracing = true;
}

/* ---- emptying ---- */

void trace_drain(void)
{
	unsigned char page[RING_PAGE_BYTES];

	for (int cpu = 0; tracing && cpu < cpus; cpu++) {
		pack_begin(cpu);
		while (read(buffers[cpu], page, sizeof(page)) > 0) {
			ring_unpack(page, pack_introduce);
			ring_unpack(page, pack_event);
		}
		pack_end();
	}
}

static void check_losses(void)
{
	for (int cpu = 0; cpu < cpus; cpu++) {
		char path[128], text[1024];
		const char *overrun, *dropped;

		snprintf(path, sizeof(path), INSTANCE "/per_cpu/cpu%d/stats", cpu);
		if (!file_read(path, text, sizeof(text)))
			fail(NULL, "cannot read %s", path);
		overrun = strstr(text, "\noverrun: ");
		dropped = strstr(text, "\ndropped events: ");
		if (!overrun || !dropped || atoll(overrun + 10) || atoll(dropped + 17))
			fail(NULL, "the trace lost events: its buffer was full");
	}
}

/* ---- the cut between phases ---- */

static void set_policy(int policy, int priority)
{
	const struct sched_param parameter = { .sched_priority = priority };

	if (sched_setscheduler(0, policy, &parameter))
		fail(NULL, "cannot set the agent's scheduling policy: %s", strerror(errno));
}

void trace_cut_begin(void)
{
	if (!tracing)
		return;
	/* With one CPU no guest runs between the mark and the counters that are read next. */
	set_policy(SCHED_FIFO, 1);
	if (write(marker, phase_name, strlen(phase_name)) < 0)
		fail(NULL, "cannot mark the end of a phase in the trace: %s", strerror(errno));
}

void trace_cut_end(void)
{
	if (!tracing)
		return;
	set_policy(SCHED_OTHER, 0);
	trace_drain();
	check_losses();
}

/*
 * Where a guest's memory lies in its VMM: the mapping of its size that may be merged.
 * It begins at the guest's physical address 0.
 */
void trace_region(const struct guest *g)
{
	uint64_t wanted = plan_number("guest_memory_mib", 64) << 20, begin = 0, end = 0;
	char path[64], line[512];
	FILE *maps;

	if (!tracing)
		return;
	snprintf(path, sizeof(path), "/proc/%d/smaps", g->vmm);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long long from, to;

		if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
			begin = from;
			end = to;
		} else if (!strncmp(line, "VmFlags:", 8) && strstr(line, " mg") && end - begin == wanted) {
			record_begin("region");
			record_number("guest", g->number);
			record_number("hva", begin);
			record_number("bytes", end - begin);
			record_number("gpa", 0);
			record_end();
			fclose(maps);
			return;
		}
	}
	if (maps)
		fclose(maps);
	fail(g, "cannot trace: %s has no mergeable mapping of %llu bytes", path,
	     (unsigned long long)wanted);
}
