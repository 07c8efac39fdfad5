// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts of each CPU by what they are for, as /proc/interrupts has them: what CPUs send to
 * each other ("RES" to schedule, "CAL" to call a function, "TLB" to drop translations) and what
 * each has of its own ("LOC", its timer) by the kernel's name, those of devices as "devices".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define INTERRUPTS "/proc/interrupts"
#define MAX_CPUS 1024

static uint64_t of_devices[MAX_CPUS];
static int columns[MAX_CPUS], ncolumns;

/* "           CPU0       CPU1" */
static void read_columns(const char *line)
{
	const char *at = line;

	for (ncolumns = 0; ncolumns < MAX_CPUS && (at = strstr(at, "CPU")); at++)
		columns[ncolumns++] = atoi(at + strlen("CPU"));
}

static void record_count(int cpu, const char *name, uint64_t count)
{
	/* Counts begin at 0, and most stay there. */
	if (!count)
		return;
	record_begin("interrupts");
	record_number("cpu", cpu);
	record_text("name", name);
	record_number("count", count);
	record_end();
}

/* " 24:  12  0  IO-APIC ...", "TLB:  12  0  TLB shootdowns"; "ERR:  0" is nobody's. */
static void take_line(char *line)
{
	static uint64_t counts[MAX_CPUS];
	char *name = line + strspn(line, " "), *colon = strchr(name, ':'), *at, *end;
	int n;

	if (!colon)
		return;
	*colon = 0;
	for (n = 0, at = colon + 1; n < ncolumns; n++, at = end) {
		counts[n] = strtoull(at, &end, 10);
		if (end == at)
			return;
	}
	for (int i = 0; i < n; i++) {
		if (isdigit((unsigned char)name[0]))
			of_devices[i] += counts[i];
		else
			record_count(columns[i], name, counts[i]);
	}
}

void snapshot_interrupts(void)
{
	static struct content content;
	char *line, *save = NULL;

	if (!file_whole(INTERRUPTS, &content))
		fail(NULL, "cannot read " INTERRUPTS);
	memset(of_devices, 0, sizeof(of_devices));
	line = strtok_r(content.text, "\n", &save);
	if (line)
		read_columns(line);
	while ((line = strtok_r(NULL, "\n", &save)))
		take_line(line);
	for (int i = 0; i < ncolumns; i++)
		record_count(columns[i], "devices", of_devices[i]);
}
