// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "files.h"

#define TRACING "/sys/kernel/tracing/"
#define SHOWN 120 /* lines */
#define KEPT_KIB "256" /* of each CPU: to print all of what fits by default takes 10 s */

/* Those that this kernel has; their names differ between lines. */
static const char *const events[] = {
	"kvm/kvm_page_fault",	  "kvm/kvm_unmap_hva_range", "kvm/kvm_set_spte_hva",
	"kvmmmu/fast_page_fault", "kvmmmu/kvm_mmu_set_spte", "kvmmmu/kvm_tdp_mmu_spte_changed",
};

void trace_start(void)
{
	char path[128];

	if (access(TRACING "trace", F_OK) && mount("tracefs", TRACING, "tracefs", 0, NULL))
		die("cannot mount " TRACING);
	write_text(TRACING "buffer_size_kb", KEPT_KIB);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(path, sizeof(path), TRACING "events/%s/enable", events[i]);
		if (!access(path, F_OK))
			write_text(path, "1");
	}
}

void trace_stop(void)
{
	write_text(TRACING "tracing_on", "0");
}

void trace_of(uint32_t gpa, uintptr_t hva)
{
	static char *kept[SHOWN];
	char *line = NULL, frame[32], address[32], range[48], host[48];
	FILE *from = fopen(TRACING "trace", "re");
	size_t room = 0;
	unsigned n = 0;

	if (!from)
		die("cannot read " TRACING "trace");
	/* As the events print them: by frame, by the address of a fault, by the host's addresses. */
	snprintf(frame, sizeof(frame), "gfn %x ", gpa >> 12);
	snprintf(address, sizeof(address), "address 0x%013x", gpa >> 12);
	snprintf(range, sizeof(range), "range: %#016lx ", (unsigned long)hva);
	snprintf(host, sizeof(host), "hva: %#016lx", (unsigned long)hva);
	while (getline(&line, &room, from) > 0)
		if (strstr(line, frame) || strstr(line, address) || strstr(line, range) ||
		    strstr(line, host)) {
			free(kept[n % SHOWN]);
			kept[n++ % SHOWN] = strdup(line);
		}
	fclose(from);
	free(line);
	for (unsigned i = n > SHOWN ? n - SHOWN : 0; i < n; i++)
		printf("trace: %s", kept[i % SHOWN]);
}
