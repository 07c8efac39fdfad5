// SPDX-License-Identifier: Apache-2.0
/* The trial: its phases in order, and its end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define CHANGE_PTE "/sys/module/kvm/parameters/change_pte"
#define THP "/sys/kernel/mm/transparent_hugepage/enabled"
#define CONSOLE_TAIL_BYTES 3000

static bool emulated;

static void finish(bool done) __attribute__((noreturn));

static void finish(bool done)
{
	guests_stop();
	output_close(done);
	if (!emulated)
		exit(done ? 0 : 1);
	/* The emulator ends instead of rebooting. */
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

/* The end of what a guest left behind: its console, what came before it, its VMM's. */
static void console_tail(const struct guest *g, char *tail, size_t bytes)
{
	static const char *const kinds[] = { "early", "console", "vmm" };
	size_t used = 0;

	tail[0] = 0;
	for (int i = 0; i < 3; i++) {
		static char text[262144];
		char path[64];
		size_t length, share = bytes / 3 - 64;

		snprintf(path, sizeof(path), "/run/guest-%d.%s", g->number, kinds[i]);
		if (!file_read(path, text, sizeof(text)) || !text[0])
			continue;
		length = strlen(text);
		used += snprintf(tail + used, bytes - used, "--- guest %d, %s ---\n%s\n", g->number,
				 kinds[i], length > share ? text + length - share : text);
	}
}

void fail(const struct guest *g, const char *format, ...)
{
	static char tail[3 * CONSOLE_TAIL_BYTES];
	static bool failing;
	char reason[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	dprintf(STDERR_FILENO, "agent: %s\n", reason);
	if (failing)
		finish(false);
	failing = true;
	record_begin("failure");
	record_text("reason", reason);
	if (g) {
		console_tail(g, tail, sizeof(tail));
		record_number("guest", g->number);
		record_text("console", tail);
	}
	record_end();
	finish(false);
}

static void mount_or_fail(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY)
		dprintf(STDERR_FILENO, "agent: cannot mount %s on %s: %s\n", type, where, strerror(errno));
}

static void begin_init(void)
{
	mount_or_fail("proc", "/proc");
	mount_or_fail("sysfs", "/sys");
	mount_or_fail("devtmpfs", "/dev");
	mount_or_fail("tmpfs", "/run");
	mount_or_fail("tmpfs", "/tmp");
	mount_or_fail("debugfs", "/sys/kernel/debug");
	mount_or_fail("tracefs", "/sys/kernel/tracing");
}

/* Flips the switch behind everybody's back, for as long as the agent lives. */
static void start_flipping(void)
{
	uint64_t interval_ms = plan_number("flip_ms", 5);
	pid_t child = fork();

	if (child < 0)
		fail(NULL, "cannot start what flips the switch: %s", strerror(errno));
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (bool on = true;; on = !on) {
		int fd = open(CHANGE_PTE, O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
			_exit(1);
		close(fd);
		sleep_ms(interval_ms);
	}
}

static void set_arm(void)
{
	const char *arm = plan_text("arm", "off");
	bool has_switch = !access(CHANGE_PTE, F_OK);

	if (!strcmp(arm, "stock")) {
		if (has_switch)
			fail(NULL, "the arm is 'stock', but this kernel has the switch " CHANGE_PTE);
		return;
	}
	if (!has_switch)
		fail(NULL, "the arm is '%s', but this kernel has no switch " CHANGE_PTE, arm);
	file_write(CHANGE_PTE, strcmp(arm, "on") ? "0" : "1");
	if (!strcmp(arm, "flip"))
		start_flipping();
}

static uint64_t boot_limit_ms(void)
{
	return plan_number("boot_limit_ms", 60000);
}

static bool phase_is_planned(const char *name)
{
	char names[256], *one, *save;

	snprintf(names, sizeof(names), "%s", plan_text("phases", ""));
	for (one = strtok_r(names, ",", &save); one; one = strtok_r(NULL, ",", &save))
		if (!strcmp(one, name))
			return true;
	return false;
}

static void phase_boot(void)
{
	int most = plan_number("guests", 1);

	swap_prepare();
	ksm_prepare();
	file_write(THP, plan_text("thp", "never"));
	set_arm();
	counters_start();
	trace_start();
	if (most < 1 || most > MAX_GUESTS)
		fail(NULL, "%d guests asked for, 1 to %d are possible", most, MAX_GUESTS);
	if (phase_is_planned("grow"))
		most = 1; /* the others come one by one */
	for (nguests = 0; nguests < most; nguests++)
		guest_start(&guests[nguests], nguests);
	for (int i = 0; i < nguests; i++)
		guest_wait_ready(&guests[i], boot_limit_ms() * nguests);
}

void guest_add(void)
{
	guest_start(&guests[nguests], nguests);
	nguests++;
	guest_wait_ready(&guests[nguests - 1], boot_limit_ms() * nguests);
}

void guest_load(struct guest *g)
{
	char parameters[1024];

	plan_parameters(parameters, sizeof(parameters));
	guest_command(g, plan_number("command_limit_ms", 60000),
		      "load seed=%llu guest=%d rewrite_permille=%llu%s",
		      (unsigned long long)(plan_number("seed", 1) * 1000 + g->number), g->number,
		      (unsigned long long)plan_number("rewrite_permille", 100), parameters);
}

static void phase_load(void)
{
	for (int i = 0; i < nguests; i++)
		guest_load(&guests[i]);
}

/*
 * Until the guests together run for little of a window: a half percent of it for each, which
 * their timers take even when they rest, and 2 % in any case.
 */
void guests_settle(void)
{
	uint64_t window_ms = plan_number("settle_window_ms", 500);
	uint64_t permille = nguests > 4 ? 5 * nguests : 20;
	uint64_t deadline = now_ns() + plan_number("settle_limit_ms", 30000) * NS_PER_MS;

	for (;;) {
		uint64_t before = vcpus_run_ns();

		sleep_ms(window_ms);
		trace_drain();
		if ((vcpus_run_ns() - before) * 1000 < permille * window_ms * NS_PER_MS)
			return;
		if (now_ns() >= deadline)
			fail(NULL, "the guests did not come to rest");
	}
}

static void phase_merge(void)
{
	ksm_converge(plan_number("merge_limit_ms", 600000));
}

static void phase_touch(void)
{
	unsigned int rounds = plan_number("touch_rounds", 3);

	for (unsigned int round = 1; round <= rounds; round++)
		for (int i = 0; i < nguests; i++)
			guest_command(&guests[i], plan_number("command_limit_ms", 60000), "touch %u", round);
}

static void phase_rewrite(void)
{
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], plan_number("command_limit_ms", 60000), "rewrite %llu",
			      (unsigned long long)plan_number("rewrite_permille", 100));
}

static void phase_restore(void)
{
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], plan_number("command_limit_ms", 60000), "restore");
}

static void phase_end(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} phases[] = {
	{ "boot", phase_boot },
	{ "load", phase_load },
	{ "settle", guests_settle },
	{ "grow", phase_grow },
	{ "merge", phase_merge },
	{ "census", phase_census },
	{ "touch", phase_touch },
	{ "rewrite", phase_rewrite },
	{ "restore", phase_restore },
	{ "remerge", phase_merge },
	{ "end", phase_end },
};

static void record_boundary(const char *event)
{
	record_begin("phase");
	record_text("event", event);
	record_end();
}

static void run_phase(const char *name)
{
	for (unsigned int i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (strcmp(phases[i].name, name))
			continue;
		phase_name = phases[i].name;
		record_boundary("begin");
		phases[i].run();
		record_boundary("end");
		snapshot_all();
		return;
	}
	fail(NULL, "the plan names an unknown phase '%s'", name);
}

int main(int argc, char **argv)
{
	char names[256], *name, *save;

	emulated = getpid() == 1;
	if (emulated) {
		begin_init();
		output_open_shared_memory();
	} else {
		if (argc != 3) {
			dprintf(STDERR_FILENO, "usage: agent PLAN OUTPUT\n");
			return 2;
		}
		output_open_file(argv[2]);
	}
	plan_read(emulated ? "/plan" : argv[1]);
	plan_record();
	snprintf(names, sizeof(names), "%s", plan_text("phases", "boot,load,settle,merge,touch,end"));
	for (name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save))
		run_phase(name);
	finish(true);
}
