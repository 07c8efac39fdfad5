// SPDX-License-Identifier: Apache-2.0
/*
 * The init of a host that boots to check its kernel: carries out the plan's steps one
 * after the other and records how each ended and what it said.
 *
 * A step is "step.N NAME COMMAND..." with N from 1. COMMAND is a program with its
 * arguments, or one of: "write PATH TEXT", "load MODULE".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define MAX_WORDS 64
#define OUTPUT_BYTES 24000

void finish(bool done)
{
	output_close(done);
	sync();
	reboot(RB_AUTOBOOT); /* the emulator ends instead */
	for (;;)
		pause();
}

void fail(const struct guest *g, const char *format, ...)
{
	char reason[1024];
	va_list args;

	(void)g;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	dprintf(STDERR_FILENO, "runner: %s\n", reason);
	record_begin("failures");
	record_text("reason", reason);
	record_end();
	finish(false);
}

static void mount_or_fail(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY)
		dprintf(STDERR_FILENO, "runner: cannot mount %s on %s: %s\n", type, where,
			strerror(errno));
}

static int words_of(char *line, char **words)
{
	char *word, *save;
	int n = 0;

	for (word = strtok_r(line, " ", &save); word && n < MAX_WORDS - 1;
	     word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	words[n] = NULL;
	return n;
}

/* Reads what the program says until it ends; of a talkative one the last part is kept. */
static void collect(int from, pid_t child, uint64_t limit_ms, char *said, int *status, bool *late)
{
	uint64_t deadline = now_ns() + limit_ms * NS_PER_MS;
	size_t used = 0;

	*late = false;
	for (;;) {
		struct pollfd ready = { .fd = from, .events = POLLIN };
		uint64_t now = now_ns();
		ssize_t n;

		if (now >= deadline && !*late) {
			*late = true;
			kill(-child, SIGKILL);
		}
		if (poll(&ready, 1, *late ? 1000 : (int)((deadline - now) / NS_PER_MS) + 1) <= 0) {
			if (*late)
				break;
			continue;
		}
		if (used == OUTPUT_BYTES) {
			memmove(said, said + OUTPUT_BYTES / 2, OUTPUT_BYTES / 2);
			used = OUTPUT_BYTES / 2;
		}
		n = read(from, said + used, OUTPUT_BYTES - used);
		if (n <= 0)
			break;
		used += n;
	}
	said[used] = 0;
	waitpid(child, status, 0);
}

static void run_program(const char *name, char **words)
{
	static char said[OUTPUT_BYTES + 1];
	uint64_t began = now_ns(), limit_ms = plan_number("step_limit_ms");
	int ends[2], status;
	bool late;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) || (child = fork()) < 0)
		fail(NULL, "cannot start %s: %s", words[0], strerror(errno));
	if (!child) {
		setpgid(0, 0);
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(words[0], words);
		dprintf(STDERR_FILENO, "cannot execute %s: %s\n", words[0], strerror(errno));
		_exit(127);
	}
	setpgid(child, child);
	close(ends[1]);
	collect(ends[0], child, limit_ms, said, &status, &late);
	close(ends[0]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		; /* what it left behind */
	record_begin("step");
	record_text("name", name);
	record_number("status", late		  ? 124 :
				WIFEXITED(status) ? WEXITSTATUS(status) :
						    128 + WTERMSIG(status));
	record_number("took_ns", now_ns() - began);
	record_text("output", said);
	record_end();
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		fail(NULL, "cannot load %s: %s", path, strerror(errno));
	close(fd);
}

int main(void)
{
	mount_or_fail("proc", "/proc");
	mount_or_fail("sysfs", "/sys");
	mount_or_fail("devtmpfs", "/dev");
	mount_or_fail("tmpfs", "/run");
	mount_or_fail("tmpfs", "/tmp");
	mkdir("/dev/shm", 0755);
	mount_or_fail("tmpfs", "/dev/shm");
	mount_or_fail("debugfs", "/sys/kernel/debug");
	plan_read("/plan");
	output_open(plan_text("output"));
	phase_name = "check";
	for (int i = 1;; i++) {
		char key[32], line[4096], *words[MAX_WORDS];
		const char *text;
		int n;

		snprintf(key, sizeof(key), "step.%d", i);
		if (!plan_has(key))
			break;
		text = plan_text(key);
		snprintf(line, sizeof(line), "%s", text);
		n = words_of(line, words);
		if (n < 2)
			fail(NULL, "%s names no command", key);
		if (!strcmp(words[1], "write") && n == 4)
			file_write(words[2], words[3]);
		else if (!strcmp(words[1], "load") && n == 3)
			load_module(words[2]);
		else
			run_program(words[0], words + 1);
	}
	finish(true);
}
