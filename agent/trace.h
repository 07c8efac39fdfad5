/* SPDX-License-Identifier: Apache-2.0 */
/* What the raw trace's parts share: its events, and where their fields lie. */
#ifndef SAMEPAGE_TRACE_H
#define SAMEPAGE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define TRACING "/sys/kernel/tracing"

/* In this order in the records: see docs/TRACE.md. */
enum trace_kind {
	FAULT = 1,
	EXIT,
	INVALIDATE,
	CHANGE,
	SPTE,
	MARK,
	/* With shadow paging only. */
	GUEST_ENTRY,
	GUEST_FAULT,
	SHADOW_ENTRY,
	SHADOW_PAGE,
	SHADOW_SYNC,
	SHADOW_ZAP,
	SHADOW_DEVICE,
	INVLPG,
	TRACE_KINDS
};

#define MAX_FIELDS 6

struct trace_field {
	const char *name;
	int offset, size;
};

/* An event of the kernel's; its format file says where the fields lie. */
struct trace_source {
	const char *path;
	bool shadow_only;
	int id;
	struct trace_field fields[MAX_FIELDS];
};

/* ---- arch/: which events there are, and what of them is kept ---- */

extern struct trace_source trace_sources[TRACE_KINDS];

/* Sets probes where KVM has no tracepoint; @shadow: for shadow paging too. */
void trace_probes_set(bool shadow);
/* Whether an event says anything that is kept. */
bool trace_is_kept(enum trace_kind kind, const uint64_t *fields);
/* Packs what is kept of it. */
void trace_pack_fields(enum trace_kind kind, const uint64_t *fields);

/* ---- trace_ring.c: pages of the kernel's ring buffer ---- */

typedef void (*each_event)(uint64_t t_ns, const unsigned char *event);

/* Calls @each for each event of a page, in order. */
void ring_unpack(const unsigned char *page, each_event each);

/* ---- trace_pack.c: packed events, on their way to a record ---- */

void pack_begin(int cpu);
void pack_event(uint64_t t_ns, const unsigned char *event);
/* Records who the task of an event is, the first time it is seen. */
void pack_introduce(uint64_t t_ns, const unsigned char *event);
void pack_end(void);

/* LEB128: seven bits a byte, the lowest first. */
void pack(uint64_t value);
/* A number for each address space that is seen, from 0. */
int address_space(uint64_t mm);

#endif
