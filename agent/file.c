// SPDX-License-Identifier: Apache-2.0
/* Small files of /proc and /sys, all below a root, and sleeping. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

/* What a file is first expected to need; kept, so that reading it again takes nothing new. */
#define FIRST_BYTES 16384

static char root[PATH_BYTES / 2];

void root_set(const char *dir)
{
	if (snprintf(root, sizeof(root), "%s", dir) >= (int)sizeof(root))
		fail(NULL, "the root's path is longer than %zu bytes", sizeof(root) - 1);
}

const char *root_dir(void)
{
	return root;
}

const char *rooted(struct path *p, const char *format, ...)
{
	size_t used = snprintf(p->text, sizeof(p->text), "%s", root);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(p->text + used, sizeof(p->text) - used, format, args);
	va_end(args);
	if (n < 0 || used + n >= sizeof(p->text))
		fail(NULL, "a path is longer than %zu bytes: %s", sizeof(p->text) - 1, p->text);
	return p->text;
}

int file_open(const char *path, int flags)
{
	struct path p;

	return open(rooted(&p, "%s", path), flags | O_CLOEXEC, 0644);
}

static void grow(struct content *content, const char *path)
{
	size_t capacity = content->capacity ? content->capacity * 2 : FIRST_BYTES;
	char *text = realloc(content->text, capacity);

	if (!text)
		fail(NULL, "no memory for %zu bytes of %s", capacity, path);
	content->text = text;
	content->capacity = capacity;
}

char *file_whole(const char *path, struct content *content)
{
	int fd = file_open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return NULL;
	content->bytes = 0;
	do {
		if (content->bytes + 1 >= content->capacity)
			grow(content, path);
		n = read(fd, content->text + content->bytes,
			 content->capacity - 1 - content->bytes);
		if (n > 0)
			content->bytes += n;
	} while (n > 0);
	close(fd);
	content->text[content->bytes] = 0;
	return n < 0 ? NULL : content->text;
}

/* As many bytes as there is room for; -1 if it cannot be read. */
static ssize_t read_start(const char *path, char *text, size_t bytes)
{
	int fd = file_open(path, O_RDONLY);
	size_t used = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (used < bytes && (n = read(fd, text + used, bytes - used)) > 0)
		used += n;
	close(fd);
	return n < 0 ? -1 : (ssize_t)used;
}

bool file_read(const char *path, char *text, size_t bytes)
{
	ssize_t n = read_start(path, text, bytes);

	if (n < 0)
		return false;
	if ((size_t)n == bytes)
		fail(NULL, "%s is longer than the %zu bytes that were expected", path, bytes - 1);
	text[n] = 0;
	return true;
}

bool file_number(const char *path, uint64_t *value)
{
	char text[64], *end;
	ssize_t n = read_start(path, text, sizeof(text));

	if (n <= 0 || n == sizeof(text) || text[0] < '0' || text[0] > '9')
		return false;
	text[n] = 0;
	*value = strtoull(text, &end, 10);
	return *end == '\n' || !*end;
}

void file_write(const char *path, const char *text)
{
	int fd = file_open(path, O_WRONLY | O_TRUNC);
	ssize_t n;

	if (fd < 0)
		fail(NULL, "cannot open %s: %s", path, strerror(errno));
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		fail(NULL, "cannot write '%s' to %s: %s", text, path, strerror(errno));
	close(fd);
}

bool file_append(const char *path, const char *line)
{
	int fd = file_open(path, O_WRONLY | O_APPEND);
	bool done = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	if (fd >= 0)
		close(fd);
	return done;
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
