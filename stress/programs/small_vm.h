/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small virtual machine without an operating system: one vCPU in protected mode,
 * without paging, so that all its faults are at the second level. It carries out
 * tables of reads and writes on memory that KSM may merge.
 */
#ifndef SAMEPAGE_SMALL_VM_H
#define SAMEPAGE_SMALL_VM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dirty_log.h"

#define PAGE 4096
#define WORDS (PAGE / 4)
#define DATA_GPA 0x200000u
#define MAX_OPERATIONS 4096

#define CHANGE_PTE "/sys/module/kvm/parameters/change_pte"
#define CHANGE_PTE_STATES 3
extern const char *const change_pte_states[CHANGE_PTE_STATES];

/* EXPECT reads, and keeps what it read if that is not the operation's value. */
enum { READ = 0, WRITE = 1, EXPECT = 2 };

struct operation {
	uint32_t kind, address, value, result;
};

extern uint32_t *memory; /* the guest's, from DATA_GPA on */
extern bool logging; /* of dirty pages, from the next set_data_slot() on */

/* Once a process. With an APIC the guest can read APIC_VERSION. */
void create_vm(uint32_t pages, enum dirty_log how, bool apic);

#define APIC_VERSION 0xfee00030u

struct vcpu {
	int fd;
	struct kvm_run *run;
};

/* In protected mode as the first, which has the number 0. */
struct vcpu create_vcpu(int id, const struct kvm_regs *regs);

/* What the guest has at this address below 128 KiB; code and tables of the first are in it. */
void *control_memory(uint32_t gpa);

/* Slots 0 and 1 are those of the guest's code and of the data; others are free. */
void set_memslot(int slot, uint32_t gpa, void *host, size_t bytes, uint32_t flags);

/* Makes or deletes the memslot with the data. Any thread. */
void set_data_slot(bool there);

/*
 * Goes through the table so many times. What the guest does while its memslot is not
 * there is done for it on the same memory. The calling thread is the vCPU.
 */
void run_guest(struct operation *operations, uint32_t count, uint32_t passes);

/* As " name=value", from the VM's statistics; zero where the kernel has none. */
void print_change_pte_counters(void);

/* The word that fills a page with the content of this number; zeros for 0. */
uint32_t content(uint32_t which);

void *map_aligned(size_t bytes, size_t alignment);

/* splitmix64 */
uint64_t random_next(uint64_t *state);
uint32_t random_below(uint64_t *state, uint32_t limit);

#endif
