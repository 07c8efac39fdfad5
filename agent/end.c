// SPDX-License-Identifier: Apache-2.0
/* How a trial ends, and what is the init process's business if the agent is that. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

/* Of each of three texts that a guest leaves: enough for a kernel's last words. */
#define TAIL_BYTES 3000

static void mount_on(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY)
		dprintf(STDERR_FILENO, "agent: cannot mount %s on %s: %s\n", type, where,
			strerror(errno));
}

void init_begin(void)
{
	mount_on("proc", "/proc");
	mount_on("sysfs", "/sys");
	mount_on("devtmpfs", "/dev");
	mount_on("tmpfs", "/run");
	mount_on("tmpfs", "/tmp");
	mount_on("debugfs", "/sys/kernel/debug");
	mount_on("tracefs", "/sys/kernel/tracing");
}

void finish(bool done)
{
	guests_stop();
	output_close(done);
	if (getpid() != 1)
		exit(done ? 0 : 1);
	/* Whoever booted the machine takes a reboot for its end. */
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

/* The end of what a guest left behind: its console, what came before it, its VMM's. */
static void console_tail(const struct guest *g, char *tail, size_t bytes)
{
	static const char *const kinds[] = { "early", "console", "vmm" };
	static struct content content;
	size_t used = 0;

	tail[0] = 0;
	for (int i = 0; i < 3; i++) {
		char path[64];
		const char *text;

		snprintf(path, sizeof(path), "/run/guest-%d.%s", g->number, kinds[i]);
		text = file_whole(path, &content);
		if (!text || !text[0])
			continue;
		if (content.bytes > TAIL_BYTES)
			text += content.bytes - TAIL_BYTES;
		used += snprintf(tail + used, bytes - used, "--- guest %d, %s ---\n%s\n", g->number,
				 kinds[i], text);
	}
}

void fail(const struct guest *g, const char *format, ...)
{
	static char tail[3 * (TAIL_BYTES + 64)];
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
	record_begin("failures");
	record_text("reason", reason);
	if (g) {
		console_tail(g, tail, sizeof(tail));
		record_number("guest", g->number);
		record_text("console", tail);
	}
	record_end();
	finish(false);
}
