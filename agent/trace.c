// SPDX-License-Identifier: Apache-2.0
/*
 * The raw trace: every second-level fault, exit, change of a second-level page table
 * and MMU notification, one by one. It is taken when the plan says "observe trace".
 *
 * The events come from tracepoints of KVM's and, for the notifications, from two
 * probes: their tracepoints do not say whose memory it is. They go to a tracing
 * instance of their own, are read as pages of the ring buffer of each CPU, and leave as
 * "trace_events" records: packed numbers (see docs/TRACE.md) in base64. A lost event fails
 * the trial.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "trace.h"

#define INSTANCE TRACING "/instances/samepage"
#define MAX_CPUS 512
/* Per CPU. The agent empties it far more often than the guests can fill it. */
#define BUFFER_KIB 16384

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
	return plan_is("mmu", "shadow") || plan_is("mmu", "shadow-vmx");
}

/* "\tfield:u64 gfn;\toffset:8;\tsize:8;\tsigned:0;" */
static bool read_format(struct trace_source *s)
{
	static struct content content;
	char path[160], *line, *save = NULL;
	int found = 0, wanted = 0;

	snprintf(path, sizeof(path), "%s/events/%s/format", TRACING, s->path);
	if (!file_whole(path, &content))
		return false;
	while (wanted < MAX_FIELDS && s->fields[wanted].name)
		wanted++;
	for (line = strtok_r(content.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
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

static int open_buffer(int cpu)
{
	char path[128];

	snprintf(path, sizeof(path), INSTANCE "/per_cpu/cpu%d/trace_pipe_raw", cpu);
	return file_open(path, O_RDONLY | O_NONBLOCK);
}

void trace_start(void)
{
	char path[160];
	struct path p;

	if (!plan_is("observe", "trace"))
		return;
	trace_probes_set(shadow_paging());
	rmdir(rooted(&p, INSTANCE));
	if (mkdir(p.text, 0755))
		fail(NULL, "cannot trace: cannot create " INSTANCE ": %s", strerror(errno));
	file_write(INSTANCE "/trace_clock", "mono");
	file_write_number(INSTANCE "/buffer_size_kb", BUFFER_KIB);
	/* A full buffer keeps what it has and counts what it drops. */
	file_write(INSTANCE "/options/overwrite", "0");
	for (int kind = FAULT; kind < TRACE_KINDS; kind++) {
		if (!trace_sources[kind].path ||
		    (trace_sources[kind].shadow_only && !shadow_paging()))
			continue;
		if (!read_format(&trace_sources[kind]))
			fail(NULL, "cannot trace: this kernel has no event %s as it is known",
			     trace_sources[kind].path);
		if (kind == MARK)
			continue;
		snprintf(path, sizeof(path), INSTANCE "/events/%s/enable",
			 trace_sources[kind].path);
		file_write(path, "1");
	}
	for (cpus = 0; cpus < MAX_CPUS && (buffers[cpus] = open_buffer(cpus)) >= 0; cpus++)
		;
	marker = file_open(INSTANCE "/trace_marker", O_WRONLY);
	if (!cpus || marker < 0)
		fail(NULL, "cannot trace: cannot open " INSTANCE "'s buffers: %s", strerror(errno));
	tracing = true;
}

/* ---- emptying ---- */

void trace_drain(void)
{
	static unsigned char *page;

	if (tracing && !page)
		page = malloc(page_bytes());
	if (tracing && !page)
		fail(NULL, "no memory for a page of the trace");
	for (int cpu = 0; tracing && cpu < cpus; cpu++) {
		pack_begin(cpu);
		while (read(buffers[cpu], page, page_bytes()) > 0) {
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

void trace_mark(void)
{
	if (tracing && write(marker, phase_name, strlen(phase_name)) < 0)
		fail(NULL, "cannot mark the end of a phase in the trace: %s", strerror(errno));
}

void trace_check(void)
{
	if (!tracing)
		return;
	trace_drain();
	check_losses();
}

static bool region_found;

static void take_region(const struct guest *g, uint64_t begin, uint64_t end)
{
	if (region_found || end - begin != plan_number("guest_memory_mib") << 20)
		return;
	region_found = true;
	record_begin("trace_regions");
	record_number("guest", g->number);
	record_number("hva", begin);
	record_number("bytes", end - begin);
	record_number("gpa", 0);
	record_end();
}

/*
 * Where a guest's memory lies in its VMM: the mapping of its size that may be merged.
 * It begins at the guest's physical address 0.
 */
void trace_region(const struct guest *g)
{
	if (!tracing)
		return;
	region_found = false;
	guest_memory(g, take_region);
	if (!region_found)
		fail(g, "cannot trace: guest %d has no mergeable mapping of %llu MiB", g->number,
		     (unsigned long long)plan_number("guest_memory_mib"));
}
