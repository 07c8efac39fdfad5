// SPDX-License-Identifier: Apache-2.0
/* The plan: "key value" lines, written by the bench, read once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define MAX_LINES 256

static char text[65536];
static struct {
	const char *key;
	const char *value;
} lines[MAX_LINES];
static int nlines;

void plan_read(const char *path)
{
	char *line, *save;

	if (!file_read(path, text, sizeof(text)))
		fail(NULL, "cannot read the plan %s", path);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (!space || nlines == MAX_LINES)
			fail(NULL, "the plan's line %d is no 'key value' line, or one too many", nlines + 1);
		*space = 0;
		lines[nlines].key = line;
		lines[nlines++].value = space + 1;
	}
}

const char *plan_text(const char *key, const char *fallback)
{
	for (int i = 0; i < nlines; i++)
		if (!strcmp(lines[i].key, key))
			return lines[i].value;
	return fallback;
}

bool plan_has(const char *key)
{
	return plan_text(key, NULL) != NULL;
}

uint64_t plan_number(const char *key, uint64_t fallback)
{
	const char *value = plan_text(key, NULL);

	return value ? strtoull(value, NULL, 10) : fallback;
}

void plan_parameters(char *parameters, size_t bytes)
{
	size_t used = 0;

	parameters[0] = 0;
	for (int i = 0; i < nlines; i++)
		if (!strncmp(lines[i].key, "workload.", 9) && used < bytes)
			used += snprintf(parameters + used, bytes - used, " %s=%s", lines[i].key + 9,
					 lines[i].value);
}

static bool is_number(const char *value)
{
	size_t digits = strspn(value, "0123456789");

	return digits && digits < 16 && !value[digits] && (value[0] != '0' || digits == 1);
}

void plan_record(void)
{
	record_begin("plan");
	for (int i = 0; i < nlines; i++) {
		if (is_number(lines[i].value))
			record_number(lines[i].key, strtoull(lines[i].value, NULL, 10));
		else
			record_text(lines[i].key, lines[i].value);
	}
	record_end();
}
