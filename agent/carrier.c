// SPDX-License-Identifier: Apache-2.0
/*
 * What carries a workload: a guest in its VMM, whose command line the plan has, or the same
 * program as a plain process of the host, which is then offered to KSM by madvise(2), by prctl(2),
 * or not at all because it maps what it has in common with the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent.h"

#define MAX_ARGUMENTS 128
#define PROGRAM "/guest/program"
#define ARGUMENT "vmm.argument"

bool carrier_is_vm(void)
{
	return plan_is("carrier", "vm");
}

/* Whether KSM will find anything that was offered to it. */
bool carrier_merges(void)
{
	return !plan_is("carrier", "mapping") && plan_number("ksm");
}

static void give_up(const char *what) __attribute__((noreturn));

/* In a child whose words go to the guest's file, which the agent shows. */
static void give_up(const char *what)
{
	dprintf(STDERR_FILENO, "cannot start %s: %s\n", what, strerror(errno));
	_exit(127);
}

/* Writes to @to what stands for a placeholder at @at; returns its length there, 0 if it is none. */
static size_t placeholder(const char *at, const struct guest *g, FILE *to)
{
	static const char guest[] = "{guest}", root[] = "{root}";

	if (!strncmp(at, guest, strlen(guest))) {
		fprintf(to, "%d", g->number);
		return strlen(guest);
	}
	if (!strncmp(at, root, strlen(root))) {
		fputs(root_dir(), to);
		return strlen(root);
	}
	return 0;
}

static char *expanded(const char *value, const struct guest *g)
{
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	while (to && *value) {
		size_t length = placeholder(value, g, to);

		if (!length)
			fputc(*value, to);
		value += length ? length : 1;
	}
	if (!to || fclose(to))
		give_up("a VMM: no memory for its arguments");
	return text;
}

/* Whether a line "vmm.argument" or "vmm.argument.K" is meant for guests of this kind. */
static bool is_for(const char *key, uint64_t kind)
{
	size_t length = strlen(ARGUMENT);

	if (strncmp(key, ARGUMENT, length))
		return false;
	return !key[length] || (key[length] == '.' && strtoull(key + length + 1, NULL, 10) == kind);
}

static void exec_vmm(const struct guest *g)
{
	char *argv[MAX_ARGUMENTS + 1] = { NULL };
	uint64_t kinds = plan_number("vmm.kinds");
	const char *key, *value;
	int argc = 0;

	errno = E2BIG;
	for (int i = 0; plan_line(i, &key, &value); i++) {
		if (!is_for(key, g->number % (kinds ? kinds : 1)))
			continue;
		if (argc == MAX_ARGUMENTS)
			give_up("a VMM");
		argv[argc++] = expanded(value, g);
	}
	errno = EINVAL;
	if (!argc)
		give_up("a VMM: the plan has no " ARGUMENT);
	execv(argv[0], argv);
	give_up(argv[0]);
}

static void exec_process(const struct guest *g)
{
	struct path channel, program;

	execl(rooted(&program, PROGRAM), program.text, "--process",
	      rooted(&channel, CHANNEL, g->number), plan_text("carrier"), NULL);
	give_up(program.text);
}

void carrier_exec(const struct guest *g)
{
	char path[64];
	int errors;

	/* It does not outlive the agent, nor inherit what the agent does with a closed output. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	snprintf(path, sizeof(path), "/run/guest-%d.vmm", g->number);
	errors = file_open(path, O_WRONLY | O_CREAT | O_TRUNC);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	dup2(errors, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	if (carrier_is_vm())
		exec_vmm(g);
	exec_process(g);
	_exit(127);
}
