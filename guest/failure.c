// SPDX-License-Identifier: Apache-2.0
/* Why something failed, kept for the answer. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "guest.h"
#include "internal.h"

static char reason[512];

int failed(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	errno = saved; /* for %m */
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return -1;
}

const char *failure(void)
{
	return reason;
}
