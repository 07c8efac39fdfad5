/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's tracing keeps of KVM's MMU: the last events of each CPU. */
#ifndef SAMEPAGE_TRACE_H
#define SAMEPAGE_TRACE_H

#include <stdint.h>

/* Begins to keep events: faults, mappings that change, what MMU notifiers are told. */
void trace_start(void);

/* From now on nothing is added. */
void trace_stop(void);

/* Prints the last events kept that speak of a page, by its addresses in guest and host. */
void trace_of(uint32_t gpa, uintptr_t hva);

#endif
