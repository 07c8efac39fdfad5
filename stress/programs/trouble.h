/* SPDX-License-Identifier: Apache-2.0 */
/* What else the host's memory management does to pages that KSM merges. */
#ifndef SAMEPAGE_TROUBLE_H
#define SAMEPAGE_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

/* Swap on the RAM disk /dev/ram0. Once. */
void swap_on(void);

/* To swap, as far as the pages are mapped once. */
void page_out(void *at, size_t bytes);

/*
 * The page that the VM's first APIC is accessed at, where the processor knows of one:  it is
 * a shared mapping that KVM has made in this process. Whether there is one.
 */
bool page_out_apic_page(void);

/* Moves what can be moved to one end of the memory. */
void compact(void);

/* Whether pages of zeros become the kernel's zero page. */
void zero_pages(int on);

/* All that is merged gets its own pages again; KSM goes on after it. */
void unmerge_all(void);

/* Takes the range out of merging, which gives it its own pages, and back in. */
void unmerge_range(void *at, size_t bytes);

/* As " name=value": pages that were swapped out and in, and that have moved. */
void print_trouble_counters(void);

#endif
