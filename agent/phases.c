// SPDX-License-Identifier: Apache-2.0
/* What happens in each phase. */
#include <string.h>

#include "agent.h"

#define THP "/sys/kernel/mm/transparent_hugepage/enabled"

/*
 * Limits that no trial comes near, of the host's time: what is over them hangs. A guest boots in
 * two seconds or, with a distribution's kernel, ten, and the others that boot beside it come on top.
 */
#define BOOT_LIMIT_MS 60000
#define SETTLE_LIMIT_MS 30000
#define SETTLE_LIMIT_MS_A_GUEST 1000
/* Long enough for timers that run once in a while to be seen. */
#define SETTLE_WINDOW_MS 500
/* Of a window that a virtual CPU's timers take even when it rests, and the least that counts. */
#define RESTING_PERMILLE 5
#define RESTING_LEAST_PERMILLE 20

static int guests_planned(void)
{
	uint64_t most = plan_number("guests");

	if (most < 1 || most > MAX_GUESTS)
		fail(NULL, "%llu guests asked for, 1 to %d are possible", (unsigned long long)most,
		     MAX_GUESTS);
	return most;
}

static void check_cpus(void)
{
	int planned = plan_number("host_cpus");

	if (planned != cpu_count())
		fail(NULL, "the plan is for a host with host_cpus=%d, this one has %d", planned,
		     cpu_count());
}

static void phase_boot(void)
{
	/* With `grow`, the others come one by one. */
	int first = phase_is_planned("grow") ? 1 : guests_planned();

	check_cpus();
	swap_prepare();
	ksm_stop();
	file_write(THP, plan_text("thp"));
	counters_start();
	trace_start();
	for (nguests = 0; nguests < first; nguests++)
		guest_start(&guests[nguests], nguests);
	for (int i = 0; i < nguests; i++)
		guest_wait_ready(&guests[i], BOOT_LIMIT_MS * nguests);
}

void guest_add(void)
{
	guest_start(&guests[nguests], nguests);
	nguests++;
	guest_wait_ready(&guests[nguests - 1], BOOT_LIMIT_MS * nguests);
}

void guest_load(struct guest *g)
{
	char parameters[1024];

	plan_parameters(parameters, sizeof(parameters));
	guest_command(g, "load seed=%llu guest=%d rewrite_permille=%llu%s",
		      (unsigned long long)(plan_number("seed") * 1000 + g->number), g->number,
		      (unsigned long long)plan_number("rewrite_permille"), parameters);
}

static void phase_load(void)
{
	for (int i = 0; i < nguests; i++)
		guest_load(&guests[i]);
}

/* Who runs most of another window. */
static const struct guest *busiest(void)
{
	static uint64_t before[MAX_GUESTS];
	const struct guest *most = &guests[0];
	uint64_t most_ns = 0;

	for (int i = 0; i < nguests; i++)
		before[i] = guest_run_ns(&guests[i]);
	sleep_ms(SETTLE_WINDOW_MS);
	for (int i = 0; i < nguests; i++) {
		uint64_t run_ns = guest_run_ns(&guests[i]) - before[i];

		if (run_ns > most_ns) {
			most = &guests[i];
			most_ns = run_ns;
		}
	}
	return most;
}

/* Until the guests together run for no more of a window than their timers take. */
void guests_settle(void)
{
	uint64_t permille = RESTING_PERMILLE * vcpus_count();
	uint64_t limit_ms = SETTLE_LIMIT_MS + SETTLE_LIMIT_MS_A_GUEST * nguests;
	uint64_t deadline = now_ns() + limit_ms * NS_PER_MS;

	if (permille < RESTING_LEAST_PERMILLE)
		permille = RESTING_LEAST_PERMILLE;
	for (;;) {
		uint64_t before = vcpus_run_ns();

		sleep_ms(SETTLE_WINDOW_MS);
		trace_drain();
		guests_check();
		if ((vcpus_run_ns() - before) * 1000 < permille * SETTLE_WINDOW_MS * NS_PER_MS)
			return;
		if (now_ns() >= deadline) {
			const struct guest *g = busiest();

			fail(g,
			     "the guests did not come to rest within %llu ms; guest %d runs most",
			     (unsigned long long)limit_ms, g->number);
		}
	}
}

static void phase_merge(void)
{
	ksm_converge(plan_number("merge_limit_ms"));
}

static void phase_touch(void)
{
	unsigned int rounds = plan_number("touch_rounds");

	for (unsigned int round = 1; round <= rounds; round++)
		for (int i = 0; i < nguests; i++)
			guest_command(&guests[i], "touch %u", round);
}

static void phase_rewrite(void)
{
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], "rewrite %llu",
			      (unsigned long long)plan_number("rewrite_permille"));
}

static void phase_restore(void)
{
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], "restore");
}

/* Nothing happens: the counters at its end close the books. */
static void phase_end(void)
{
}

static const struct phase phases[] = {
	{ "boot", phase_boot, .prepares = true },
	{ "load", phase_load, .prepares = true },
	{ "settle", guests_settle, .prepares = true },
	{ "grow", phase_grow, .prepares = false },
	{ "merge", phase_merge, .prepares = false },
	{ "census", phase_census, .prepares = false },
	{ "touch", phase_touch, .prepares = false },
	{ "rewrite", phase_rewrite, .prepares = false },
	{ "restore", phase_restore, .prepares = false },
	{ "remerge", phase_merge, .prepares = false },
	{ "end", phase_end, .prepares = false },
};

const struct phase *phase_by_name(const char *name)
{
	for (unsigned int i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (!strcmp(phases[i].name, name))
			return &phases[i];
	return NULL;
}
