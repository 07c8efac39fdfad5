/* SPDX-License-Identifier: Apache-2.0 */
/* The three ways in which KVM tells which pages of the data a guest has written. */
#ifndef SAMEPAGE_DIRTY_LOG_H
#define SAMEPAGE_DIRTY_LOG_H

#include <stdint.h>

enum dirty_log {
	LOG_BITMAP, /* reading the bitmap clears it and write-protects the pages */
	LOG_CLEAR, /* that is a call of its own, KVM_CLEAR_DIRTY_LOG */
	LOG_RING, /* each vCPU tells page by page, until its ring is full */
};

#define DATA_SLOT 1

/* Before the VM has vCPUs. */
void dirty_log_of_vm(int vm, enum dirty_log how, uint32_t pages);

/* With a ring, that of the only vCPU. */
void dirty_log_of_vcpu(int vcpu);

/* The vCPU does not run on with a full ring: takes what is in it. */
void dirty_ring_empty(void);

/* A bit for each page of the data that was written since the last time. */
void dirty_log_read(uint64_t *bitmap);

#endif
