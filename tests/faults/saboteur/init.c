// SPDX-License-Identifier: Apache-2.0
/*
 * The init of a host in which something goes wrong, for tests: it becomes the agent, once it has
 * started a process that does what the plan's line `workload.fault` says; the numbers are those of
 * ../faults.ts. What is to happen while KSM merges waits for that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PANIC_IN_BOOT = 20,
	VMM_KILLED = 21,
	VMM_STOPPED = 22,
	AGENT_KILLED = 23,
	WARNING = 24,
	HOST_HANGS = 25,
};

#define KSM_RUN "/sys/kernel/mm/ksm/run"
#define INTO_MERGE_MS 500

static void pass_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void die(const char *what)
{
	dprintf(STDERR_FILENO, "saboteur: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static int planned_fault(void)
{
	static const char key[] = "workload.fault ";
	FILE *plan = fopen("/plan", "re");
	char line[4096];
	int fault = 0;

	while (plan && fgets(line, sizeof(line), plan))
		if (!strncmp(line, key, strlen(key)))
			fault = atoi(line + strlen(key));
	if (plan)
		fclose(plan);
	return fault;
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void wait_for_merge(void)
{
	for (;;) {
		int fd = open(KSM_RUN, O_RDONLY | O_CLOEXEC);
		char mode = 0;

		if (fd >= 0) {
			if (read(fd, &mode, 1) < 0)
				mode = 0;
			close(fd);
		}
		if (mode == '1')
			break;
		pass_ms(20);
	}
	pass_ms(INTO_MERGE_MS);
}

/* The last of the guests' VMMs. */
static pid_t last_vmm(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	pid_t last = 0;

	while (processes && (entry = readdir(processes))) {
		char path[300], name[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0 && !strcmp(name, "vmm\n") &&
		    atoi(entry->d_name) > last)
			last = atoi(entry->d_name);
		close(fd);
	}
	if (processes)
		closedir(processes);
	if (!last)
		die("no VMM");
	return last;
}

/* The init process takes no signal that it did not ask for, but dies of what it does itself. */
static void spoil_agent(void)
{
	static unsigned char undefined[4096];
	unsigned long begin, end;
	int memory = open("/proc/1/mem", O_RDWR | O_CLOEXEC);
	FILE *maps = fopen("/proc/1/maps", "re");
	char line[512], mode[8];

	for (size_t at = 0; at < sizeof(undefined); at += 2)
		memcpy(undefined + at, "\x0f\x0b", 2); /* UD2 */
	if (memory < 0 || !maps)
		die("/proc/1");
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, mode) != 3 || mode[2] != 'x' ||
		    strstr(line, "[v"))
			continue;
		for (; begin < end; begin += sizeof(undefined))
			if (pwrite(memory, undefined, sizeof(undefined), begin) < 0)
				die("write to the agent's program");
	}
	pass_ms(100000);
}

/* Takes the only CPU for good. */
static void hang_host(void)
{
	struct sched_param first = { .sched_priority = 99 };

	write_to("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		die("sched_setscheduler");
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void sabotage(int fault)
{
	wait_for_merge();
	switch (fault) {
	case VMM_KILLED:
		kill(last_vmm(), SIGKILL);
		break;
	case VMM_STOPPED:
		kill(last_vmm(), SIGSTOP);
		break;
	case AGENT_KILLED:
		spoil_agent();
		break;
	case WARNING:
		/* As WARN() has it. */
		write_to("/dev/kmsg",
			 "<4>WARNING: CPU: 0 PID: 1 at saboteur/init.c:1 sabotage+0x1/0x2\n");
		break;
	case HOST_HANGS:
		hang_host();
		break;
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int fault = planned_fault();

	(void)argc;
	if (fault == PANIC_IN_BOOT) {
		/* No guest finds its init. */
		if (truncate("/guest/initrd", 512))
			die("/guest/initrd");
	} else if (fault > PANIC_IN_BOOT && !fork()) {
		sabotage(fault);
	}
	execv("/agent", argv);
	die("/agent");
}
