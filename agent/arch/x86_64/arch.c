// SPDX-License-Identifier: Apache-2.0
/* The CPU's virtualization, by its flags as the kernel lists them. */
#include <string.h>

#include "agent.h"
#include "arch.h"

#define CPUINFO "/proc/cpuinfo"

static bool has_flag(const char *flags, const char *flag)
{
	size_t length = strlen(flag);

	for (const char *at = strstr(flags, flag); at; at = strstr(at + length, flag))
		if (at[-1] == ' ' && strchr(" \n", at[length]))
			return true;
	return false;
}

const char *arch_virtualization(void)
{
	static struct content content;
	char *flags, *end;

	if (!file_whole(CPUINFO, &content) || !(flags = strstr(content.text, "\nflags")))
		fail(NULL, "cannot read the CPU's flags in " CPUINFO);
	end = strchr(flags + 1, '\n');
	if (end)
		end[1] = 0;
	return has_flag(flags, "svm") ? "svm" : has_flag(flags, "vmx") ? "vmx" : "none";
}
