// SPDX-License-Identifier: Apache-2.0
/* Small files of /proc and /sys, and sleeping. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

bool file_read(const char *path, char *text, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while (used < bytes - 1 && (n = read(fd, text + used, bytes - 1 - used)) > 0)
		used += n;
	text[used] = 0;
	close(fd);
	return true;
}

bool file_number(const char *path, uint64_t *value)
{
	char text[64], *end;

	if (!file_read(path, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return false;
	*value = strtoull(text, &end, 10);
	return *end == '\n' || !*end;
}

void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		fail(NULL, "cannot open %s: %s", path, strerror(errno));
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		fail(NULL, "cannot write '%s' to %s: %s", text, path, strerror(errno));
	close(fd);
}

void file_write_number(const char *path, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	file_write(path, text);
}

void sleep_ms(uint64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}
