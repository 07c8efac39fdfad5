// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", strerror(error));
	exit(2);
}

void write_file(const char *path, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
		die("cannot write %s", path);
	close(fd);
}

void write_text(const char *path, const char *text)
{
	write_file(path, text, strlen(text));
}

static bool try_read(const char *path, char *text, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, bytes - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return n > 0;
}

void read_text(const char *path, char *text, size_t bytes)
{
	if (!try_read(path, text, bytes))
		die("cannot read %s", path);
}

bool read_number(const char *path, uint64_t *value)
{
	char text[64];
	bool there = try_read(path, text, sizeof(text));

	*value = strtoull(text, NULL, 10);
	return there;
}
