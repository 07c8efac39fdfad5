/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host agent carries out one trial's plan alone: nothing enters while it runs.
 * In the emulated host it is the init process, finds the plan in the initramfs and
 * writes records to a shared-memory device; on a real host it is called with the
 * plan and an output file.
 */
#ifndef SAMEPAGE_AGENT_H
#define SAMEPAGE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_GUESTS 128
#define NS_PER_MS 1000000ull

/* ---- plan.c: "key value" lines ---- */

void plan_read(const char *path);
const char *plan_text(const char *key, const char *fallback);
uint64_t plan_number(const char *key, uint64_t fallback);
bool plan_has(const char *key);
/* All "workload.NAME VALUE" lines as "NAME=VALUE NAME=VALUE". */
void plan_parameters(char *text, size_t bytes);
void plan_record(void);

/* ---- record.c: JSON lines to the output ---- */

void output_open_shared_memory(void);
void output_open_file(const char *path);
/* State of the output's header, once no more records follow. */
void output_close(bool done);

uint64_t now_ns(void);
extern const char *phase_name;

/* A record is begun, gets fields, and becomes visible as a whole when it is ended. */
void record_begin(const char *kind);
void record_number(const char *key, uint64_t value);
void record_text(const char *key, const char *value);
void record_raw(const char *json_members);
void record_end(void);
void record_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- guest.c: the guests and their VMMs ---- */

struct guest {
	int number;
	pid_t vmm;	/* its VMM, or the process that is carried without one */
	pid_t vcpu;	/* thread of its only virtual CPU, or that process */
	int to, from;	/* pipes to the guest's init */
	char line[8192];
	size_t used;
};

extern struct guest guests[MAX_GUESTS];
extern int nguests;

#define CHANNEL "/run/guest-%d.channel"

void guest_start(struct guest *g, int number);
void guest_wait_ready(struct guest *g, uint64_t limit_ms);
/* Sends a command and records what comes back until "ok". */
void guest_command(struct guest *g, uint64_t limit_ms, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void guests_stop(void);
/* Calls @visit for each piece of the guest's memory that KSM may merge. */
void guest_memory(const struct guest *g,
		  void (*visit)(const struct guest *g, uint64_t begin, uint64_t end));

/* ---- carrier.c: what a guest runs as ---- */

bool carrier_is_vm(void);
/* Whether there is anything for KSM to merge. */
bool carrier_merges(void);
/* In a child: becomes the guest's VMM, or the process in its place. */
void carrier_exec(const struct guest *g) __attribute__((noreturn));

/* ---- swap.c ---- */

void swap_prepare(void);

/* ---- grow.c, census.c: phases that are more than a few lines ---- */

void phase_grow(void);
void phase_census(void);

/* ---- snapshot.c: counters ---- */

bool observing(void);
void counters_start(void);
void snapshot_ksm(void);
void snapshot_memory(void);
void snapshot_all(void);
/* CPU time that ksmd has had; 0 before it runs. */
uint64_t ksmd_run_ns(void);
/* CPU time of all vCPU threads. */
uint64_t vcpus_run_ns(void);

/* ---- histogram.c: what the kernel counts by key in its tracing buffers ---- */

void histograms_start(void);
char *histogram_entry(const char *event);
void snapshot_histograms(void);

/* ---- costs.c: locks, TLB flushes and time per exit, if the plan asks for them ---- */

void costs_start(void);
void snapshot_costs(void);

/* ---- events.c: what the host's memory management counts ---- */

void snapshot_events(void);
/* One of the kernel's events since boot; events of several zones and kinds by their prefix. */
uint64_t event_count(const char *prefix);

/* ---- trace.c: every event one by one, if the plan asks for it ---- */

/* Before any guest starts. */
void trace_start(void);
bool trace_is_on(void);
/* Where a guest's memory lies, once it runs. */
void trace_region(const struct guest *g);
/* Takes what has come in; to be called often enough for the buffer not to fill. */
void trace_drain(void);
/* Around the reading of the counters that the trace is compared with. */
void trace_cut_begin(void);
void trace_cut_end(void);

/* ---- ksm.c ---- */

void ksm_prepare(void);
void ksm_run(int mode);
/* Merge until pages_sharing stands still. */
void ksm_converge(uint64_t limit_ms);

/* ---- agent.c ---- */

/* Starts one more guest and waits until it is ready. */
void guest_add(void);
void guest_load(struct guest *g);
/* Until the guests have nothing more to do. */
void guests_settle(void);

/* The trial cannot go on: records why, with the guest's console, and ends. */
void fail(const struct guest *g, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* ---- file.c: small files of /proc and /sys ---- */

bool file_read(const char *path, char *text, size_t bytes);
bool file_number(const char *path, uint64_t *value);
/* Fails the trial if the value does not stick. */
void file_write(const char *path, const char *text);
void file_write_number(const char *path, uint64_t value);
void sleep_ms(uint64_t ms);

#endif
