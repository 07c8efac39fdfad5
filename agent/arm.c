// SPDX-License-Identifier: Apache-2.0
/* The arm of the trial: whether the kernel has the switch under test, and how it stands. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent.h"

#define CHANGE_PTE "/sys/module/kvm/parameters/change_pte"
/* Often enough for a scan of KSM's, which takes some hundred ms, to see each many times. */
#define FLIP_EVERY_MS 5

/* The arms that are states of the switch, as kernels understand them that know only two, too. */
static const struct {
	const char *arm, *state;
} states[] = { { "off", "0" }, { "on", "1" }, { "map", "map" } };

static const size_t nstates = sizeof(states) / sizeof(states[0]);

/* Flips the switch behind everybody's back, for as long as the agent lives. */
static void start_flipping(void)
{
	pid_t child = fork();

	if (child < 0)
		fail(NULL, "cannot start what flips the switch: %s", strerror(errno));
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0;; i++) {
		const char *state = states[i % nstates].state;
		int fd = file_open(CHANGE_PTE, O_WRONLY);

		if (fd < 0 || write(fd, state, strlen(state)) != (ssize_t)strlen(state))
			_exit(1);
		close(fd);
		sleep_ms(FLIP_EVERY_MS);
	}
}

void arm_set(void)
{
	const char *arm = plan_text("arm");
	struct path p;
	bool has_switch = !access(rooted(&p, CHANGE_PTE), F_OK);

	if (!strcmp(arm, "stock")) {
		if (has_switch)
			fail(NULL,
			     "the arm is 'stock', but this kernel has the switch " CHANGE_PTE);
		return;
	}
	if (!has_switch)
		fail(NULL, "the arm is '%s', but this kernel has no switch " CHANGE_PTE, arm);
	for (size_t i = 0; i < nstates; i++)
		if (!strcmp(arm, states[i].arm))
			file_write(CHANGE_PTE, states[i].state);
	if (!strcmp(arm, "flip"))
		start_flipping();
}
