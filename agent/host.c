// SPDX-License-Identifier: Apache-2.0
/* What this host is: the record that stands before all others. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent.h"
#include "arch.h"
#include "ticks.h"

/* Long enough for the rate to be right to some 10 ppm, with clocks read within a microsecond. */
#define MEASURE_MS 100

size_t page_bytes(void)
{
	static size_t bytes;

	if (!bytes)
		bytes = sysconf(_SC_PAGESIZE);
	return bytes;
}

static const cpu_set_t *allowed(void)
{
	static cpu_set_t set;
	static bool known;

	/* As it was at the start: a cut ties the agent to one of them. */
	if (!known && sched_getaffinity(0, sizeof(set), &set))
		fail(NULL, "cannot find out which CPUs there are: %s", strerror(errno));
	known = true;
	return &set;
}

int cpu_count(void)
{
	return CPU_COUNT(allowed());
}

int cpu_number(int index)
{
	int cpu = 0;

	for (;; cpu++)
		if (CPU_ISSET(cpu, allowed()) && index-- == 0)
			return cpu;
}

/* Of the counter that times touches; where the plan does not know it, it is held to the clock. */
static uint64_t tick_hz(void)
{
	uint64_t planned = plan_number("tick_hz"), begin_ns, begin_ticks, ticks;

	if (planned)
		return planned;
	begin_ns = now_ns();
	begin_ticks = ticks_now();
	sleep_ms(MEASURE_MS);
	ticks = ticks_now() - begin_ticks;
	return (double)ticks * 1e9 / (now_ns() - begin_ns);
}

void host_record(void)
{
	struct utsname kernel;

	uname(&kernel);
	record_begin("host");
	record_text("arch", ARCH_NAME);
	record_text("vendor", arch_virtualization());
	record_text("kernel", kernel.release);
	record_number("cpus", cpu_count());
	record_number("page_bytes", page_bytes());
	record_number("tick_hz", tick_hz());
	record_number("ticks_an_instruction", plan_number("ticks_an_instruction"));
	record_end();
}
