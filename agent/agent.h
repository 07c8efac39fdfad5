/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host agent carries out one trial's plan alone: nothing enters while it runs. Where it is
 * the init process it finds the plan in the initramfs; otherwise it is called with the plan and
 * an output. What its parts share is declared here.
 */
#ifndef SAMEPAGE_AGENT_H
#define SAMEPAGE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_GUESTS 128
#define MAX_VCPUS 16
#define NS_PER_MS 1000000ull

/* ---- plan.c: "key value" lines ---- */

/* What this agent reads and writes; the bench raises it when their meaning changes. */
#define PLAN_FORMAT 2

void plan_read(const char *path);
/*
 * Lines that come at a checkpoint: each takes the place of the line with its key. Fails when
 * that one has been acted on already and says something else.
 */
void plan_override(char *lines);
bool plan_has(const char *key);
/* What the plan says. A key that it does not name, or no number, fails the trial. */
const char *plan_text(const char *key);
uint64_t plan_number(const char *key);
bool plan_is(const char *key, const char *value);
/* As plan_text(), without acting on it: it may still change at a checkpoint. */
const char *plan_look(const char *key);
/* The line with this number, from 0; false behind the last. For keys that stand repeatedly. */
bool plan_line(int number, const char **key, const char **value);
/* All "workload.NAME VALUE" lines as " NAME=VALUE NAME=VALUE". */
void plan_parameters(char *text, size_t bytes);
void plan_record(void);

/* ---- output.c: where records go ---- */

/* "shared-memory", "physical:ADDRESS,BYTES", "-" for standard output, or the path of a new file. */
void output_open(const char *where);
void output_append(const char *bytes, size_t count);
/* No more records follow. */
void output_close(bool done);

/* ---- pci.c: devices that the emulated machine has for the agent ---- */

/* Maps a BAR of the first device with these numbers; NULL if there is none or it cannot be. */
void *pci_map(unsigned int vendor, unsigned int device, int bar, size_t *bytes);

/* ---- record.c: JSON lines ---- */

uint64_t now_ns(void);
extern const char *phase_name;

/* A record is begun, gets fields, and becomes visible as a whole when it is ended. */
void record_begin(const char *kind);
void record_number(const char *key, uint64_t value);
void record_text(const char *key, const char *value);
/* A list of texts. */
void record_list_begin(const char *key);
void record_list_item(const char *value);
void record_list_end(void);
void record_raw(const char *json_members);
void record_end(void);

/* ---- host.c: what this host is ---- */

void host_record(void);
size_t page_bytes(void);
/* CPUs that may be used, and the kernel's number of each. */
int cpu_count(void);
int cpu_number(int index);

/* ---- guest.c: the guests and their VMMs ---- */

struct guest {
	int number;
	pid_t vmm; /* its VMM, or the process that is carried without one */
	pid_t vcpus[MAX_VCPUS]; /* threads of its virtual CPUs, or that process */
	int nvcpus;
	int to, from; /* pipes to the guest's init */
	char line[8192];
	size_t used;
	size_t console_bytes; /* that it has said beside answers */
};

extern struct guest guests[MAX_GUESTS];
extern int nguests;

#define CHANNEL "/run/guest-%d.channel"

void guest_start(struct guest *g, int number);
void guest_wait_ready(struct guest *g, uint64_t limit_ms);
/* Sends a command and records what comes back until "ok". */
void guest_command(struct guest *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* While nobody talks to them: fails if one is gone, and keeps what they have said. */
void guests_check(void);
/* Once nothing is counted any more: fails if the kernel of one has complained. */
void guests_examine(void);
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

/* ---- vcpu.c: threads that run guests, and time that threads have had ---- */

/* Finds the guest's virtual CPUs and pins them as planned. */
void vcpus_find(struct guest *g);
/* Whose virtual CPU a thread is; false if nobody's. */
bool vcpu_of_thread(pid_t thread, int *guest, int *vcpu);
int vcpus_count(void);
/* CPU time of a guest's vCPU threads, and of all. */
uint64_t guest_run_ns(const struct guest *g);
uint64_t vcpus_run_ns(void);
/* CPU time that ksmd has had; 0 before it runs. */
uint64_t ksmd_run_ns(void);
void snapshot_cpu(void);

/* ---- swap.c ---- */

void swap_prepare(void);

/* ---- arm.c: the switch under test ---- */

void arm_set(void);

/* ---- phases.c, grow.c, census.c: what happens in phases ---- */

struct phase {
	const char *name;
	void (*run)(void);
	/* Comes before all that merges: the same whatever the arm and KSM's settings are. */
	bool prepares;
};

/* The phase of this name; NULL if there is none. */
const struct phase *phase_by_name(const char *name);
void phase_grow(void);
void phase_census(void);
/* Starts one more guest and waits until it is ready. */
void guest_add(void);
void guest_load(struct guest *g);
/* Until the guests have nothing more to do. */
void guests_settle(void);

/* ---- agent.c ---- */

bool phase_is_planned(const char *name);

/* ---- checkpoint.c: one state from which several trials go on ---- */

/* Returns, each time the machine goes on from here, with the rest of the plan. */
char *checkpoint_take(void);

/* ---- snapshot.c: counters ---- */

bool observing(void);
void counters_start(void);
void snapshot_ksm(void);
void snapshot_memory(void);
void snapshot_all(void);

/* ---- cut.c: one moment for several readings ---- */

void cut_prepare(void);
/* From here to the end no guest runs, on any CPU. */
void cut_begin(void);
void cut_end(void);

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

/* ---- interrupts.c ---- */

void snapshot_interrupts(void);

/* ---- trace.c: every event one by one, if the plan asks for it ---- */

/* Before any guest starts. */
void trace_start(void);
bool trace_is_on(void);
/* Where a guest's memory lies, once it runs. */
void trace_region(const struct guest *g);
/* Takes what has come in; to be called often enough for the buffer not to fill. */
void trace_drain(void);
/* The end of a phase among the events, inside of a cut. */
void trace_mark(void);
/* Behind the cut: nothing was lost up to here. */
void trace_check(void);

/* ---- ksm.c ---- */

/* Nothing is merged and nothing scanned from here on. */
void ksm_stop(void);
/* Settings, once ksm_stop() was called. */
void ksm_set(void);
void ksm_run(int mode);
/* Merge until pages_sharing stands still. */
void ksm_converge(uint64_t limit_ms);

/* ---- end.c: how a trial ends ---- */

/* As the init process: mounts what the agent and the VMM need. */
void init_begin(void);
/* The end of the machine for the init process, of the process otherwise. */
void finish(bool done) __attribute__((noreturn));
/* The trial cannot go on: records why, with the guest's console, and ends. */
void fail(const struct guest *g, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* ---- file.c: small files of /proc and /sys, all below a root ---- */

#define PATH_BYTES 512

struct path {
	char text[PATH_BYTES];
};

/* Content of a file however long, in memory that is used again. */
struct content {
	char *text;
	size_t bytes, capacity;
};

/* Puts DIR in front of all paths. */
void root_set(const char *dir);
const char *root_dir(void);
/* A path with the root in front, for system calls; those below put it there themselves. */
const char *rooted(struct path *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
int file_open(const char *path, int flags);
/* All of it, or NULL if it cannot be read. */
char *file_whole(const char *path, struct content *content);
/* False if it cannot be read; a file that is longer than @bytes - 1 fails the trial. */
bool file_read(const char *path, char *text, size_t bytes);
/* False unless it holds one number. */
bool file_number(const char *path, uint64_t *value);
/* In the place of what is there. Fails the trial if the value does not stick. */
void file_write(const char *path, const char *text);
/* Adds a line to what the kernel has there already; false if it refuses it. */
bool file_append(const char *path, const char *line);
void file_write_number(const char *path, uint64_t value);
void sleep_ms(uint64_t ms);

#endif
