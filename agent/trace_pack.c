// SPDX-License-Identifier: Apache-2.0
/*
 * Packed events: each is a few numbers, which are written as LEB128 (seven bits a byte).
 * Some thousands of them make a "trace_events" record, in base64.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "trace.h"

#define MAX_TASKS 4096
#define PACKED_BYTES 45000
#define EVENT_MOST_BYTES 96

static pid_t tasks[MAX_TASKS];
static int ntasks;
static uint64_t address_spaces[MAX_GUESTS * 2];
static int naddress_spaces;

static unsigned char packed[PACKED_BYTES];
static size_t npacked;
static uint64_t nevents, last_ns;
static int cpu_packed;

static void encode_base64(char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i + 2 < npacked; i += 3) {
		uint32_t three = packed[i] << 16 | packed[i + 1] << 8 | packed[i + 2];

		*text++ = digits[three >> 18];
		*text++ = digits[three >> 12 & 63];
		*text++ = digits[three >> 6 & 63];
		*text++ = digits[three & 63];
	}
	if (i < npacked) {
		bool two = i + 1 < npacked;
		uint32_t rest = packed[i] << 16 | (two ? packed[i + 1] << 8 : 0);

		*text++ = digits[rest >> 18];
		*text++ = digits[rest >> 12 & 63];
		*text++ = two ? digits[rest >> 6 & 63] : '=';
		*text++ = '=';
	}
	*text = 0;
}

void pack_begin(int cpu)
{
	cpu_packed = cpu;
}

void pack_end(void)
{
	static char members[PACKED_BYTES / 3 * 4 + 64];
	size_t used;

	if (!nevents)
		return;
	record_begin("trace_events");
	record_number("cpu", cpu_packed);
	record_number("count", nevents);
	used = sprintf(members, "\"data\":\"");
	encode_base64(members + used);
	strcat(members + used, "\"");
	record_raw(members);
	record_end();
	npacked = 0;
	nevents = 0;
	last_ns = 0;
}

void pack(uint64_t value)
{
	while (value >= 0x80) {
		packed[npacked++] = value | 0x80;
		value >>= 7;
	}
	packed[npacked++] = value;
}

int address_space(uint64_t mm)
{
	for (int i = 0; i < naddress_spaces; i++)
		if (address_spaces[i] == mm)
			return i;
	if (naddress_spaces == MAX_GUESTS * 2)
		fail(NULL, "the trace names more than %d address spaces", naddress_spaces);
	address_spaces[naddress_spaces] = mm;
	return naddress_spaces++;
}

/* Who a task is can only be found out while it lives. */
static void introduce(pid_t pid)
{
	char path[64], name[64], status[8192];
	const char *group;
	int i;

	for (i = ntasks - 1; i >= 0; i--)
		if (tasks[i] == pid)
			return;
	if (ntasks < MAX_TASKS)
		tasks[ntasks++] = pid;
	record_begin("trace_tasks");
	record_number("task", pid);
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (file_read(path, name, sizeof(name)) && name[0]) {
		name[strcspn(name, "\n")] = 0;
		record_text("name", name);
	}
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (file_read(path, status, sizeof(status)) && (group = strstr(status, "\nTgid:"))) {
		pid_t process = atoi(group + 6);

		for (i = 0; i < nguests; i++)
			if (guests[i].vmm == process)
				record_number("guest", i);
	}
	record_end();
}

static uint64_t field(const unsigned char *event, const struct trace_field *f)
{
	uint64_t value = 0;

	memcpy(&value, event + f->offset, f->size);
	return value;
}

void pack_event(uint64_t t_ns, const unsigned char *event)
{
	uint16_t id;
	int32_t pid;
	uint64_t v[MAX_FIELDS] = { 0 };
	int kind;

	memcpy(&id, event, sizeof(id));
	memcpy(&pid, event + 4, sizeof(pid));
	for (kind = FAULT; kind < TRACE_KINDS && trace_sources[kind].id != id; kind++)
		;
	if (kind == TRACE_KINDS)
		return;
	for (int i = 0; i < MAX_FIELDS && trace_sources[kind].fields[i].name; i++)
		v[i] = field(event, &trace_sources[kind].fields[i]);
	if (!trace_is_kept(kind, v))
		return;
	if (npacked > PACKED_BYTES - EVENT_MOST_BYTES)
		pack_end();
	pack(kind);
	pack(t_ns - last_ns);
	pack(pid);
	last_ns = t_ns;
	nevents++;
	trace_pack_fields(kind, v);
}

void pack_introduce(uint64_t t_ns, const unsigned char *event)
{
	int32_t pid;

	(void)t_ns;
	memcpy(&pid, event + 4, sizeof(pid));
	introduce(pid);
}
