// SPDX-License-Identifier: Apache-2.0
/* What the host's memory management counts: swapping, reclaim, and faults of each guest's process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define VMSTAT "/proc/vmstat"

/* Of some two hundred numbers there, those that are events and speak of pressure or of KSM. */
static const char *const wanted[] = {
	"pswpin",	 "pswpout",	   "pgsteal_", "pgscan_",	  "pgrefill",
	"allocstall_",	 "pageoutrun",	   "pgfault",  "pgmajfault",	  "workingset_refault_",
	"cow_ksm",	 "ksm_swpin_copy", "oom_kill", "thp_fault_alloc", "thp_split_pmd",
	"compact_stall", "nr_tlb_",
};

static bool is_wanted(const char *name)
{
	for (unsigned int i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strncmp(name, wanted[i], strlen(wanted[i])))
			return true;
	return false;
}

static char *read_events(void)
{
	static struct content content;

	if (!file_whole(VMSTAT, &content))
		fail(NULL, "cannot read " VMSTAT);
	return content.text;
}

uint64_t event_count(const char *prefix)
{
	char *line, *save = NULL;
	uint64_t sum = 0;

	for (line = strtok_r(read_events(), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (space && !strncmp(line, prefix, strlen(prefix)))
			sum += strtoull(space, NULL, 10);
	}
	return sum;
}

static void record_events(void)
{
	char *line, *save = NULL;

	record_begin("vm_events");
	for (line = strtok_r(read_events(), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (!space || !is_wanted(line))
			continue;
		*space = 0;
		record_number(line, strtoull(space + 1, NULL, 10));
	}
	record_end();
}

/* Faults that the host's memory management handled for the guest's process, all its threads. */
static void record_faults(const struct guest *g)
{
	unsigned long long minor, major;
	char path[64], text[1024];
	char *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", g->vmm);
	/* The name in brackets may hold anything. Behind it: state and six numbers, then minflt. */
	if (!file_read(path, text, sizeof(text)) || !(rest = strrchr(text, ')')) ||
	    sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu", &minor, &major) != 2)
		fail(g, "cannot read the faults in %s", path);
	record_begin("host_faults");
	record_number("guest", g->number);
	record_number("minor", minor);
	record_number("major", major);
	record_end();
}

void snapshot_events(void)
{
	record_events();
	for (int i = 0; i < nguests; i++)
		record_faults(&guests[i]);
}
