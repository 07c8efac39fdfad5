// SPDX-License-Identifier: Apache-2.0
/*
 * The guest's first and only process: mounts what a workload needs, says that it
 * is ready and carries out one command after the other.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"
#include "internal.h"

#define LINE_BYTES 4096
#define MODULES "/modules"

static void mount_or_die(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY) {
		dprintf(STDERR_FILENO, "init: cannot mount %s on %s: %m\n", type, where);
		exit(1); /* the kernel panics, and the agent shows the console */
	}
}

static void load_module(const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), MODULES "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0)) {
		dprintf(STDERR_FILENO, "init: cannot load %s: %m\n", path);
		exit(1);
	}
	close(fd);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* What a distribution's kernel does not have built in; the names say the order. */
static void load_modules(void)
{
	struct dirent **found;
	int n = scandir(MODULES, &found, not_hidden, alphasort);

	for (int i = 0; i < n; i++) {
		load_module(found[i]->d_name);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
}

/*
 * The virtual console carries commands and answers, and what the kernel has to say when
 * it dies; answers begin with '@' to be told apart.
 */
static int open_console(void)
{
	int fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;

	if (fd < 0 || tcgetattr(fd, &mode))
		return -1;
	cfmakeraw(&mode);
	return tcsetattr(fd, TCSANOW, &mode) ? -1 : fd;
}

static void send_touch(int port, unsigned int round, const struct touch *t)
{
	int last = TOUCH_BINS - 1;

	while (last > 0 && !t->histogram[last])
		last--;
	dprintf(port,
		"@record touch \"round\":%u,\"unit\":\"%s\",\"pages\":%llu,\"ticks\":%llu,"
		"\"checksum\":\"%016llx\",\"histogram\":[",
		round, t->unit, (unsigned long long)t->units, (unsigned long long)t->ticks,
		(unsigned long long)t->checksum);
	for (int i = 0; i <= last; i++)
		dprintf(port, "%s%llu", i ? "," : "", (unsigned long long)t->histogram[i]);
	dprintf(port, "]\n");
}

static int carry_out(char *line, struct touch *t, unsigned int *round)
{
	char *argument = strchr(line, ' ');

	if (argument)
		*argument++ = 0;
	if (!strcmp(line, "load")) {
		if (argument && read_params(argument))
			return -1;
		return workload.load(t);
	}
	if (!strcmp(line, "touch")) {
		*round = argument ? strtoul(argument, NULL, 10) : 1;
		return workload.touch(t, *round);
	}
	if (!strcmp(line, "rewrite"))
		return workload.rewrite(t, argument ? strtoul(argument, NULL, 10) : 1000);
	if (!strcmp(line, "restore"))
		return workload.restore(t);
	return failed("unknown command '%s'", line);
}

/* What the guest's kernel says of its own memory. */
static int send_memory(int to)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	unsigned long long kib;

	if (!file)
		return failed("cannot read /proc/meminfo: %m");
	dprintf(to, "@record memory \"scope\":\"inside\"");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63[A-Za-z0-9_()]: %llu kB", name, &kib) == 2)
			dprintf(to, ",\"%s_kib\":%llu", name, kib);
	dprintf(to, "\n");
	fclose(file);
	return 0;
}

static void answer(int to, char *line)
{
	struct touch t = { .unit = "page" };
	unsigned int round = 0;
	int bad;

	if (!strcmp(line, "memory")) {
		bad = send_memory(to);
	} else if (!strcmp(line, "health")) {
		bad = health_check(to);
	} else {
		bad = carry_out(line, &t, &round);
		if (!bad)
			send_touch(to, round, &t);
	}
	if (bad)
		dprintf(to, "@error %s\n", failure());
	else
		dprintf(to, "@ok\n");
}

static void serve(int from, int to)
{
	static char line[LINE_BYTES];
	size_t used = 0;

	for (;;) {
		ssize_t n = read(from, line + used, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if (line[used] != '\n') {
			if (++used == sizeof(line) - 1)
				used = 0; /* no command is that long */
			continue;
		}
		line[used] = 0;
		used = 0;
		answer(to, line);
	}
}

static int serve_as_process(const char *channel, const char *carrier)
{
	int from, to;

	if (process_begin(channel, carrier, &from, &to)) {
		dprintf(STDERR_FILENO, "%s\n", failure());
		return 1;
	}
	dprintf(to, "@ready\n");
	serve(from, to);
	return 0;
}

int main(int argc, char **argv)
{
	int port;

	/* What the `kernels` workload starts to see a program start. */
	if (argc > 1 && !strcmp(argv[1], "--true"))
		return 0;
	if (argc == 4 && !strcmp(argv[1], "--process"))
		return serve_as_process(argv[2], argv[3]);

	mount_or_die("proc", "/proc");
	mount_or_die("sysfs", "/sys");
	mount_or_die("devtmpfs", "/dev");
	mount_or_die("tmpfs", "/tmp");

	load_modules();
	port = open_console();
	if (port < 0) {
		dprintf(STDERR_FILENO, "init: cannot open the virtual console: %m\n");
		return 1;
	}
	dprintf(port, "@ready\n");
	serve(port, port);
	reboot(RB_AUTOBOOT);
	return 0;
}
