// SPDX-License-Identifier: Apache-2.0
/* Records: JSON lines, built in memory and put out as a whole. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent.h"

/* The longest are a plan with its VMM's arguments, a raw trace's events, and a guest's console. */
#define RECORD_BYTES 65536
/* Room for what stands at the end of each. */
#define END_BYTES 4

const char *phase_name = "boot";

static char record[RECORD_BYTES];
static size_t used;
static const char *record_kind;
static bool list_is_empty;

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void append(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void append(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(record + used, sizeof(record) - END_BYTES - used, format, args);
	va_end(args);
	if (n < 0 || used + n >= sizeof(record) - END_BYTES)
		fail(NULL, "a record of %s is longer than %d bytes", record_kind, RECORD_BYTES);
	used += n;
}

static void append_text(const char *text)
{
	append("\"");
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
	append("\"");
}

void record_begin(const char *kind)
{
	used = 0;
	record_kind = kind;
	append("{\"t_ns\":%llu,\"phase\":\"%s\",\"kind\":\"%s\"", (unsigned long long)now_ns(),
	       phase_name, kind);
}

void record_number(const char *key, uint64_t value)
{
	append(",\"%s\":%llu", key, (unsigned long long)value);
}

void record_text(const char *key, const char *value)
{
	append(",\"%s\":", key);
	append_text(value);
}

void record_list_begin(const char *key)
{
	append(",\"%s\":[", key);
	list_is_empty = true;
}

void record_list_item(const char *value)
{
	if (!list_is_empty)
		append(",");
	append_text(value);
	list_is_empty = false;
}

void record_list_end(void)
{
	append("]");
}

void record_raw(const char *json_members)
{
	append(",%s", json_members);
}

void record_end(void)
{
	memcpy(record + used, "}\n", 2);
	output_append(record, used + 2);
}
