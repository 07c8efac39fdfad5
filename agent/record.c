// SPDX-License-Identifier: Apache-2.0
/*
 * Records: JSON lines, appended to shared memory (emulated host) or to a file.
 *
 * The shared memory begins with a page that holds a header. Whoever reads from the
 * other side may take `length` bytes of the data behind it at any time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define HEADER_BYTES 4096
#define MAGIC "SAMEPAGE"

enum { RUNNING = 0, DONE = 1, FAILED = 2, FULL = 3 };

struct header {
	char magic[8];
	uint64_t length;	/* bytes of data that are complete records */
	uint64_t state;
};

const char *phase_name = "boot";

static volatile struct header *header;
static char *data;
static size_t capacity;
static int file = -1;

static char record[65536];
static size_t used;

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* An output that cannot be opened can be reported nowhere but on the console. */
static void no_output(const char *why)
{
	dprintf(STDERR_FILENO, "agent: no output: %s: %s\n", why, strerror(errno));
	exit(1);
}

/* ivshmem: PCI device 1af4:1110, whose BAR 2 is the memory. */
void output_open_shared_memory(void)
{
	const char *base = "/sys/bus/pci/devices";
	DIR *dir = opendir(base);
	struct dirent *entry;
	char path[512], id[32];
	struct stat info;
	void *map;
	int fd;

	if (!dir)
		no_output(base);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s/device", base, entry->d_name);
		if (file_read(path, id, sizeof(id)) && !strcmp(id, "0x1110\n"))
			break;
	}
	if (!entry)
		no_output("no shared-memory device 1af4:1110");
	snprintf(path, sizeof(path), "%s/%s/enable", base, entry->d_name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		no_output(path);
	close(fd);
	snprintf(path, sizeof(path), "%s/%s/resource2", base, entry->d_name);
	closedir(dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info))
		no_output(path);
	map = mmap(NULL, info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		no_output(path);
	close(fd);
	header = map;
	data = (char *)map + HEADER_BYTES;
	capacity = info.st_size - HEADER_BYTES;
	memcpy((void *)header->magic, MAGIC, 8);
}

void output_open_file(const char *path)
{
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (file < 0)
		no_output(path);
}

void output_close(bool done)
{
	if (header)
		header->state = done ? DONE : FAILED;
	else if (file >= 0)
		fsync(file);
}

static void append(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(record + used, sizeof(record) - used, format, args);
	va_end(args);
	if (n < 0 || used + n >= sizeof(record) - 2) {
		dprintf(STDERR_FILENO, "agent: a record is longer than %zu bytes\n", sizeof(record));
		exit(1);
	}
	used += n;
}

static void append_escaped(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			append("\\%c", *c);
		else if (*c == '\n')
			append("\\n");
		else if (*c < 0x20 || *c >= 0x7f)
			append("\\u%04x", *c);
		else
			append("%c", *c);
	}
}

void record_begin(const char *kind)
{
	used = 0;
	append("{\"t_ns\":%llu,\"phase\":\"%s\",\"kind\":\"%s\"", (unsigned long long)now_ns(), phase_name,
	       kind);
}

void record_number(const char *key, uint64_t value)
{
	append(",\"%s\":%llu", key, (unsigned long long)value);
}

void record_text(const char *key, const char *value)
{
	append(",\"%s\":\"", key);
	append_escaped(value);
	append("\"");
}

void record_raw(const char *json_members)
{
	append(",%s", json_members);
}

void record_end(void)
{
	append("}\n");
	if (header) {
		if (header->length + used > capacity) {
			header->state = FULL;
			dprintf(STDERR_FILENO, "agent: the output is full\n");
			exit(1);
		}
		memcpy(data + header->length, record, used);
		__sync_synchronize();
		header->length += used;
	} else if (write(file, record, used) != (ssize_t)used) {
		no_output("write");
	}
}

void record_log(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	record_begin("log");
	record_text("source", "host");
	record_text("text", text);
	record_end();
}
