// SPDX-License-Identifier: Apache-2.0
/*
 * The trial: its phases in order.
 *
 *   agent [--root DIR] [PLAN [OUTPUT]]
 *
 * All paths of the host's (/proc, /sys, /run, what guests are made of) are taken below DIR, not those
 * of PLAN and OUTPUT. PLAN is /plan where it is not given, as in an initramfs; OUTPUT ("-" for
 * standard output, "shared-memory" for the emulated machine's, or a new file) is then what the plan's
 * line `output` says.
 *
 * Arm and KSM's settings are set behind the phases that prepare (boot, load, settle), between two
 * phases: until then nothing is scanned, and the trial is the same in all arms. So it does not
 * matter to what follows whether the machine was booted for this trial or goes on from a checkpoint
 * (the plan's line `fork_after`: the phase behind which it is taken, or "none").
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define MAX_PHASES 32

static const struct phase *phases[MAX_PHASES];
static int nphases;

static void read_phases(void)
{
	static char names[512];
	char *name, *save = NULL;

	nphases = 0;
	snprintf(names, sizeof(names), "%s", plan_look("phases"));
	for (name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		if (nphases == MAX_PHASES)
			fail(NULL, "the plan names more than %d phases", MAX_PHASES);
		phases[nphases] = phase_by_name(name);
		if (!phases[nphases++])
			fail(NULL, "the plan names an unknown phase '%s'", name);
	}
}

bool phase_is_planned(const char *name)
{
	for (int i = 0; i < nphases; i++)
		if (!strcmp(phases[i]->name, name))
			return true;
	return false;
}

static void record_boundary(const char *event)
{
	record_begin("phases");
	record_text("event", event);
	record_end();
}

static void run_phase(const struct phase *phase)
{
	static bool set;

	if (!phase->prepares && !set) {
		arm_set();
		ksm_set();
		set = true;
	}
	phase_name = phase->name;
	record_boundary("begin");
	phase->run();
	guests_check();
	record_boundary("end");
	snapshot_all();
}

/* The machine goes on from here once for each rest of the plan. What is done stays done. */
static void checkpoint(int done)
{
	const struct phase *before[MAX_PHASES];

	memcpy(before, phases, sizeof(before));
	plan_override(checkpoint_take());
	read_phases();
	if (nphases < done || memcmp(before, phases, done * sizeof(before[0])))
		fail(NULL, "the plan's phases up to the checkpoint cannot change any more");
	plan_record();
}

static void run_trial(void)
{
	const char *fork_after = plan_text("fork_after");

	if (strcmp(fork_after, "none") && !phase_is_planned(fork_after))
		fail(NULL, "the plan forks after '%s', which is none of its phases", fork_after);
	for (int i = 0; i < nphases; i++) {
		const char *name = phases[i]->name;

		run_phase(phases[i]);
		if (!strcmp(name, fork_after))
			checkpoint(i + 1);
	}
}

int main(int argc, char **argv)
{
	const char *plan, *output, *root = "";

	if (argc > 2 && !strcmp(argv[1], "--root")) {
		root = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc > 3 || (argc > 1 && argv[1][0] == '-')) {
		dprintf(STDERR_FILENO, "usage: agent [--root DIR] [PLAN [OUTPUT]]\n");
		return 2;
	}
	plan = argc > 1 ? argv[1] : "/plan";
	output = argc > 2 ? argv[2] : NULL;
	if (getpid() == 1)
		init_begin();
	if (output)
		output_open(output);
	plan_read(plan);
	root_set(root);
	if (!output)
		output_open(plan_text("output"));
	if (plan_number("format") != PLAN_FORMAT)
		fail(NULL, "the plan has format %s, this agent carries out format %d",
		     plan_text("format"), PLAN_FORMAT);
	host_record();
	plan_record();
	read_phases();
	run_trial();
	guests_examine();
	finish(true);
}
