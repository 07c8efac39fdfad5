// SPDX-License-Identifier: Apache-2.0
/*
 * The plan: "key value" lines, written by the bench, read once. It names everything that the
 * agent acts on; the agent has no settings of its own. A key stands once, but for:
 *
 *   vmm.argument VALUE       an argument of each guest's VMM, in order, its program first
 *   vmm.argument.K VALUE     the same for guests of kind K alone; guests are of vmm.kinds kinds
 *                            in turn (guest n of kind n modulo their number)
 *
 * In arguments "{guest}" stands for the guest's number and "{root}" for the agent's root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

struct line {
	const char *key, *value;
	/* Something was decided by it. */
	bool used;
};

static struct line *lines;
static int nlines, capacity;

/* Keys that may stand repeatedly. */
static bool is_list(const char *key)
{
	return !strncmp(key, "vmm.argument", strlen("vmm.argument"));
}

static struct line *find(const char *key)
{
	for (int i = 0; i < nlines; i++)
		if (!strcmp(lines[i].key, key))
			return &lines[i];
	return NULL;
}

static void add(const char *key, const char *value)
{
	if (nlines == capacity) {
		capacity = capacity ? capacity * 2 : 128;
		lines = realloc(lines, capacity * sizeof(*lines));
		if (!lines)
			fail(NULL, "no memory for a plan of %d lines", capacity);
	}
	lines[nlines++] = (struct line){ .key = key, .value = value };
}

static void read_lines(char *text, void (*take)(const char *key, const char *value))
{
	char *line, *save = NULL;
	int number = 0;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		number++;
		if (!space)
			fail(NULL, "the plan's line %d is no 'key value' line: %s", number, line);
		*space = 0;
		take(line, space + 1);
	}
}

static void take_first(const char *key, const char *value)
{
	if (!is_list(key) && find(key))
		fail(NULL, "the plan names '%s' twice", key);
	add(key, value);
}

static bool stands(const char *key, const char *value)
{
	for (int i = 0; i < nlines; i++)
		if (!strcmp(lines[i].key, key) && !strcmp(lines[i].value, value))
			return true;
	return false;
}

static void take_later(const char *key, const char *value)
{
	struct line *line = find(key);

	if (is_list(key)) {
		if (!stands(key, value))
			fail(NULL, "the plan's '%s' cannot change at a checkpoint", key);
	} else if (!line) {
		add(key, value);
	} else if (line->used && strcmp(line->value, value)) {
		fail(NULL,
		     "the plan's '%s' was acted on before the checkpoint as '%s', it cannot become '%s'",
		     key, line->value, value);
	} else {
		line->value = value;
	}
}

void plan_read(const char *path)
{
	static struct content content;

	if (!file_whole(path, &content))
		fail(NULL, "cannot read the plan %s", path);
	read_lines(content.text, take_first);
}

void plan_override(char *text)
{
	read_lines(text, take_later);
}

bool plan_has(const char *key)
{
	return find(key);
}

static struct line *found(const char *key)
{
	struct line *line = find(key);

	if (!line)
		fail(NULL, "the plan does not say '%s'", key);
	return line;
}

const char *plan_look(const char *key)
{
	return found(key)->value;
}

const char *plan_text(const char *key)
{
	struct line *line = found(key);

	line->used = true;
	return line->value;
}

uint64_t plan_number(const char *key)
{
	const char *value = plan_text(key);
	char *end;
	uint64_t number = strtoull(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end)
		fail(NULL, "the plan's '%s' is '%s', which is no number", key, value);
	return number;
}

bool plan_is(const char *key, const char *value)
{
	return !strcmp(plan_text(key), value);
}

bool plan_line(int number, const char **key, const char **value)
{
	if (number >= nlines)
		return false;
	*key = lines[number].key;
	*value = lines[number].value;
	return true;
}

void plan_parameters(char *parameters, size_t bytes)
{
	size_t used = 0;

	parameters[0] = 0;
	for (int i = 0; i < nlines; i++) {
		if (strncmp(lines[i].key, "workload.", 9))
			continue;
		lines[i].used = true;
		used += snprintf(parameters + used, bytes - used, " %s=%s", lines[i].key + 9,
				 lines[i].value);
		if (used >= bytes)
			fail(NULL, "the workload's parameters are longer than %zu bytes",
			     bytes - 1);
	}
}

static bool is_number(const char *value)
{
	size_t digits = strspn(value, "0123456789");

	return digits && digits < 16 && !value[digits] && (value[0] != '0' || digits == 1);
}

static void record_list(const char *key)
{
	record_list_begin(key);
	for (int i = 0; i < nlines; i++)
		if (!strcmp(lines[i].key, key))
			record_list_item(lines[i].value);
	record_list_end();
}

void plan_record(void)
{
	record_begin("plan");
	for (int i = 0; i < nlines; i++) {
		if (is_list(lines[i].key)) {
			if (find(lines[i].key) == &lines[i])
				record_list(lines[i].key);
		} else if (is_number(lines[i].value)) {
			record_number(lines[i].key, strtoull(lines[i].value, NULL, 10));
		} else {
			record_text(lines[i].key, lines[i].value);
		}
	}
	record_end();
}
