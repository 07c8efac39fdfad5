// SPDX-License-Identifier: Apache-2.0
/* The guests: starting them and talking to their inits. A plain process counts as one too. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

struct guest guests[MAX_GUESTS];
int nguests;

/* How long to wait before looking whether the guest is alive, and whether the trace fills up. */
#define WAIT_MS 1000
#define TRACED_WAIT_MS 50
/*
 * More than any command takes, of the host's time: a guest that does not answer hangs. Each page of
 * its memory may be loaded, faulted in and swapped on the way, in some hundred microseconds.
 */
#define COMMAND_LIMIT_MS 60000
#define COMMAND_LIMIT_MS_A_MIB 200
/* Of its console, for the whole trial: a kernel that dies says a hundredth of it. */
#define CONSOLE_LIMIT_BYTES (1u << 20)
/* What a VMM needs to be gone once it has closed its end. */
#define LAST_BREATH_MS 100

/*
 * Two named pipes to the guest's init: what QEMU calls ".in" is what it reads. The agent
 * opens its own reading end without a writer, so that the last writer's end is seen.
 */
static int open_pipe(const struct guest *g, const char *suffix, int flags)
{
	struct path p;
	int fd;

	if (mkfifo(rooted(&p, CHANNEL "%s", g->number, suffix), 0600) ||
	    (fd = open(p.text, flags | O_CLOEXEC)) < 0)
		fail(NULL, "cannot create the channel %s: %s", p.text, strerror(errno));
	return fd;
}

void guest_start(struct guest *g, int number)
{
	g->number = number;
	g->to = open_pipe(g, ".in", O_RDWR);
	g->from = open_pipe(g, ".out", O_RDONLY | O_NONBLOCK);
	g->vmm = fork();
	if (g->vmm < 0)
		fail(NULL, "cannot start guest %d: %s", g->number, strerror(errno));
	if (!g->vmm)
		carrier_exec(g);
}

static void check_alive(struct guest *g)
{
	int status;

	if (waitpid(g->vmm, &status, WNOHANG) != g->vmm)
		return;
	g->vmm = 0;
	if (WIFSIGNALED(status))
		fail(g, "guest %d was killed by signal %d", g->number, WTERMSIG(status));
	fail(g, "guest %d ended (exit status of its process: %d)", g->number, WEXITSTATUS(status));
}

/* What is no answer of the init's is kept to be shown if the guest dies. */
static void keep_console(struct guest *g, const char *line)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/guest-%d.console", g->number);
	fd = file_open(path, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return;
	dprintf(fd, "%s\n", line);
	close(fd);
	g->console_bytes += strlen(line) + 1;
	if (g->console_bytes > CONSOLE_LIMIT_BYTES)
		fail(g, "guest %d floods its console: more than %u bytes", g->number,
		     CONSOLE_LIMIT_BYTES);
}

/* The next whole line that has come in, until the next call; NULL if there is none. */
static char *take_line(struct guest *g)
{
	char *newline = memchr(g->line, '\n', g->used);
	static char line[sizeof(g->line)];
	size_t length;

	if (!newline)
		return NULL;
	length = newline - g->line;
	memcpy(line, g->line, length);
	line[length] = 0;
	g->used -= length + 1;
	memmove(g->line, newline + 1, g->used);
	return line;
}

/* Takes in what has come by now, once there is something; false when nothing is left. */
static bool receive(struct guest *g, const char *meanwhile)
{
	ssize_t n;

	if (g->used == sizeof(g->line))
		fail(g, "guest %d sent a line of more than %zu bytes", g->number, g->used);
	n = read(g->from, g->line + g->used, sizeof(g->line) - g->used);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		/* The VMM closed its end: it is about to be gone. */
		sleep_ms(LAST_BREATH_MS);
		check_alive(g);
		fail(g, "guest %d closed its channel (%s)", g->number, meanwhile);
	}
	g->used += n;
	return true;
}

/* The next answer of the guest's init, without its '@', or the trial fails. */
static char *read_line(struct guest *g, uint64_t deadline_ns, const char *waiting_for)
{
	for (;;) {
		struct pollfd ready = { .fd = g->from, .events = POLLIN };
		char *line = take_line(g);

		if (line) {
			if (line[0] == '@')
				return line + 1;
			keep_console(g, line);
			continue;
		}
		if (now_ns() >= deadline_ns)
			fail(g, "guest %d did not answer in time (%s)", g->number, waiting_for);
		trace_drain();
		if (poll(&ready, 1, trace_is_on() ? TRACED_WAIT_MS : WAIT_MS) <= 0)
			check_alive(g);
		else
			receive(g, waiting_for);
	}
}

void guests_check(void)
{
	for (int i = 0; i < nguests; i++) {
		struct guest *g = &guests[i];
		char *line;

		do {
			while ((line = take_line(g))) {
				if (line[0] == '@')
					fail(g, "guest %d said '%s', and nobody had asked",
					     g->number, line + 1);
				keep_console(g, line);
			}
		} while (receive(g, phase_name));
		check_alive(g);
	}
}

void guest_wait_ready(struct guest *g, uint64_t limit_ms)
{
	char *line = read_line(g, now_ns() + limit_ms * NS_PER_MS, "boot");

	if (strcmp(line, "ready"))
		fail(g, "guest %d said '%s' instead of 'ready'", g->number, line);
	vcpus_find(g);
	trace_region(g);
}

/* "record KIND MEMBERS": MEMBERS are JSON already. */
static void pass_on(const struct guest *g, char *line)
{
	char *members = strchr(line, ' ');

	if (!members)
		fail(g, "guest %d sent a record without members", g->number);
	*members++ = 0;
	record_begin(line);
	record_number("guest", g->number);
	record_raw(members);
	record_end();
}

void guest_command(struct guest *g, const char *format, ...)
{
	uint64_t limit_ms =
		COMMAND_LIMIT_MS + COMMAND_LIMIT_MS_A_MIB * plan_number("guest_memory_mib");
	uint64_t deadline = now_ns() + limit_ms * NS_PER_MS;
	char command[2048];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(command, sizeof(command) - 1, format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(command) - 1)
		fail(g, "a command is longer than %zu bytes: %s", sizeof(command) - 2, command);
	command[n] = '\n';
	if (write(g->to, command, n + 1) != n + 1)
		fail(g, "cannot reach guest %d: %s", g->number, strerror(errno));
	command[n] = 0;
	for (;;) {
		char *line = read_line(g, deadline, command);

		if (!strcmp(line, "ok"))
			return;
		if (!strncmp(line, "record ", 7))
			pass_on(g, line + 7);
		else if (!strncmp(line, "error ", 6))
			fail(g, "guest %d: %s", g->number, line + 6);
		else
			fail(g, "guest %d sent '%s' in answer to '%s'", g->number, line, command);
	}
}

void guests_examine(void)
{
	/* The kernel of plain processes is the host's, whose console is read. */
	if (!carrier_is_vm())
		return;
	for (int i = 0; i < nguests; i++)
		guest_command(&guests[i], "health");
}

void guests_stop(void)
{
	for (int i = 0; i < nguests; i++) {
		if (guests[i].vmm > 0) {
			kill(guests[i].vmm, SIGKILL);
			waitpid(guests[i].vmm, NULL, 0);
		}
	}
}

void guest_memory(const struct guest *g,
		  void (*visit)(const struct guest *g, uint64_t begin, uint64_t end))
{
	static struct content content;
	unsigned long long begin = 0, end = 0, from, to;
	char path[64], *line, *save = NULL;

	snprintf(path, sizeof(path), "/proc/%d/smaps", g->vmm);
	if (!file_whole(path, &content))
		fail(g, "cannot read %s: %s", path, strerror(errno));
	for (line = strtok_r(content.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
			begin = from;
			end = to;
		} else if (!strncmp(line, "VmFlags:", 8) && strstr(line, " mg")) {
			visit(g, begin, end);
		}
	}
}
