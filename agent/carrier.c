// SPDX-License-Identifier: Apache-2.0
/*
 * What carries a workload: a guest in its VMM, or the same program as a plain process of the
 * host, which is then offered to KSM by madvise(2), by prctl(2), or not at all because it maps
 * what it has in common with the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define MAX_ARGUMENTS 64
#define PROGRAM "/guest/program"

static const char *carrier(void)
{
	return plan_text("carrier", "vm");
}

bool carrier_is_vm(void)
{
	return !strcmp(carrier(), "vm");
}

/* Whether KSM will find anything that was offered to it. */
bool carrier_merges(void)
{
	return strcmp(carrier(), "mapping") && plan_number("ksm", 1);
}

struct command {
	char *argv[MAX_ARGUMENTS + 1];
	int argc;
};

static void argument(struct command *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void argument(struct command *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (c->argc == MAX_ARGUMENTS || vasprintf(&c->argv[c->argc++], format, args) < 0)
		_exit(127);
	va_end(args);
}

static void option(struct command *c, const char *name, const char *value)
{
	argument(c, "%s", name);
	argument(c, "%s", value);
}

struct kernel {
	char name[32];
	char initrd[64];
	/* A distribution's: it finds its devices through ACPI alone, and moves itself about. */
	bool distributed;
};

/* The plan names one kernel, or several joined by '+': then guests have them in turn. */
static struct kernel kernel_of(const struct guest *g)
{
	char names[128], *save;
	const char *found[8];
	struct kernel k = { .initrd = "/guest/initrd" };
	int n = 0;

	snprintf(names, sizeof(names), "%s", plan_text("guest_kernel", "6.1"));
	for (char *one = strtok_r(names, "+", &save); one && n < 8; one = strtok_r(NULL, "+", &save))
		found[n++] = one;
	snprintf(k.name, sizeof(k.name), "%s", n ? found[g->number % n] : "");
	k.distributed = !strncmp(k.name, "debian-", strlen("debian-"));
	if (k.distributed)
		snprintf(k.initrd, sizeof(k.initrd), "/guest/initrd-%s", k.name);
	return k;
}

static void exec_vmm(const struct guest *g)
{
	const struct kernel kernel = kernel_of(g);
	struct command c = { 0 };

	argument(&c, "%s", plan_text("vmm", "/vmm"));
	option(&c, "-L", plan_text("firmware", "/firmware"));
	option(&c, "-bios", "bios-microvm.bin");
	/* mem-merge: the VMM tells KSM that it may merge the guest's memory. */
	argument(&c, "-M");
	argument(&c, "microvm,rtc=off,pit=off,pic=off,acpi=%s,isa-serial=on,mem-merge=on",
		 kernel.distributed ? "on" : "off");
	option(&c, "-accel", "kvm");
	option(&c, "-cpu", "host");
	argument(&c, "-m");
	argument(&c, "%lluM", (unsigned long long)plan_number("guest_memory_mib", 64));
	argument(&c, "-nodefaults");
	argument(&c, "-no-user-config");
	argument(&c, "-no-reboot");
	option(&c, "-display", "none");
	option(&c, "-name", "guest,debug-threads=on");
	argument(&c, "-kernel");
	argument(&c, "/guest/vmlinux-%s", kernel.name);
	option(&c, "-initrd", kernel.initrd);
	/*
	 * Until the virtio console is there, the serial port takes what the kernel says. The
	 * level comes first: each character would cost two exits to the VMM.
	 * panic=-1: a guest that dies ends its VMM at once, and the agent hears of it.
	 */
	argument(&c, "-append");
	argument(&c, "loglevel=1 console=hvc0 earlyprintk=ttyS0 panic=-1 reboot=t%s%s",
		 plan_number("aslr", 1) ? "" : " norandmaps",
		 plan_number("aslr", 1) || !kernel.distributed ? "" : " nokaslr");
	argument(&c, "-chardev");
	argument(&c, "file,id=early,path=/run/guest-%d.early", g->number);
	option(&c, "-serial", "chardev:early");
	argument(&c, "-chardev");
	argument(&c, "pipe,id=lab,path=" CHANNEL, g->number);
	/* One port: the guest's driver fills each queue with a thousand buffers of a page. */
	option(&c, "-device", "virtio-serial-device,max_ports=1,bus=virtio-mmio-bus.7");
	option(&c, "-device", "virtconsole,chardev=lab");
	if (plan_has("disk")) {
		argument(&c, "-drive");
		argument(&c, "file=%s,format=raw,if=none,id=disk,read-only=on", plan_text("disk", ""));
		/*
		 * Slot n has interrupt 5 + n. The firmware's MP table routes 5, 9, 10 and 11
		 * to PCI only, so a device on slot 0 or 4 to 6 would never be heard.
		 */
		option(&c, "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.2");
	}

	execv(c.argv[0], c.argv);
	dprintf(STDERR_FILENO, "cannot start %s: %s\n", c.argv[0], strerror(errno));
}

static void exec_process(const struct guest *g)
{
	char channel[64];

	snprintf(channel, sizeof(channel), CHANNEL, g->number);
	execl(PROGRAM, PROGRAM, "--process", channel, carrier(), NULL);
	dprintf(STDERR_FILENO, "cannot start %s: %s\n", PROGRAM, strerror(errno));
}

void carrier_exec(const struct guest *g)
{
	char path[64];
	int errors;

	snprintf(path, sizeof(path), "/run/guest-%d.vmm", g->number);
	errors = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(errors, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	if (carrier_is_vm())
		exec_vmm(g);
	else
		exec_process(g);
	_exit(127);
}
