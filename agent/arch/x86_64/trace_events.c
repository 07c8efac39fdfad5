// SPDX-License-Identifier: Apache-2.0
/*
 * The raw trace on x86-64: KVM's tracepoints, probes where it has none, and what of each event's
 * fields is kept (docs/TRACE.md). Page-table entries are the hardware's, AMD's and Intel's alike.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "agent.h"
#include "trace.h"

#define PAGE_SHIFT 12
#define PAGE_MASK (~((1ull << PAGE_SHIFT) - 1))

/* Registers of a function's arguments. */
#define ARGUMENT_2 "%si"
#define ARGUMENT_3 "%dx"
#define ARGUMENT_4 "%cx"

/* In a page-table entry. */
#define ENTRY_PRESENT (1ull << 0)
#define ENTRY_LARGE (1ull << 7)

#define PROBES TRACING "/kprobe_events"

struct trace_source trace_sources[TRACE_KINDS] = {
	[FAULT] = { .path = "kvm/kvm_page_fault",
		    .fields = { { .name = "fault_address" }, { .name = "error_code" } } },
	[EXIT] = { .path = "kvm/kvm_exit", .fields = { { .name = "exit_reason" } } },
	[INVALIDATE] = { .path = "samepage/invalidate",
			 .fields = { { .name = "mm" },
				     { .name = "start" },
				     { .name = "end" },
				     { .name = "flags" },
				     { .name = "event" } } },
	[CHANGE] = { .path = "samepage/change",
		     .fields = { { .name = "mm" }, { .name = "address" }, { .name = "pte" } } },
	[SPTE] = { .path = "kvmmmu/kvm_tdp_mmu_spte_changed",
		   .fields = { { .name = "gfn" },
			       { .name = "level" },
			       { .name = "old_spte" },
			       { .name = "new_spte" } } },
	[MARK] = { .path = "ftrace/print" },
	[GUEST_ENTRY] = { .path = "kvmmmu/kvm_mmu_paging_element",
			  .shadow_only = true,
			  .fields = { { .name = "pte" }, { .name = "level" } } },
	[GUEST_FAULT] = { .path = "kvmmmu/kvm_mmu_walker_error",
			  .shadow_only = true,
			  .fields = { { .name = "pferr" } } },
	[SHADOW_ENTRY] = { .path = "kvmmmu/kvm_mmu_set_spte",
			   .shadow_only = true,
			   .fields = { { .name = "gfn" },
				       { .name = "level" },
				       { .name = "sptep" },
				       { .name = "spte" } } },
	[SHADOW_PAGE] = { .path = "kvmmmu/kvm_mmu_get_page",
			  .shadow_only = true,
			  .fields = { { .name = "gfn" },
				      { .name = "role" },
				      { .name = "created" } } },
	[SHADOW_SYNC] = { .path = "kvmmmu/kvm_mmu_sync_page",
			  .shadow_only = true,
			  .fields = { { .name = "gfn" }, { .name = "role" } } },
	[SHADOW_ZAP] = { .path = "kvmmmu/kvm_mmu_prepare_zap_page",
			 .shadow_only = true,
			 .fields = { { .name = "gfn" }, { .name = "role" } } },
	[SHADOW_DEVICE] = { .path = "kvmmmu/mark_mmio_spte", .shadow_only = true },
	[INVLPG] = { .path = "samepage/invlpg",
		     .shadow_only = true,
		     .fields = { { .name = "address" } } },
};

/* struct mmu_notifier_range began with the vma until 6.3. */
static int offset_of_mm(void)
{
	struct utsname kernel;
	int major = 0, minor = 0;

	uname(&kernel);
	sscanf(kernel.release, "%d.%d", &major, &minor);
	return major < 6 || (major == 6 && minor < 3) ? 8 : 0;
}

/* Probes of an earlier agent that died are replaced. */
void trace_probes_set(bool shadow)
{
	int mm = offset_of_mm();
	char line[256];

	file_append(PROBES, "-:samepage/invalidate\n");
	file_append(PROBES, "-:samepage/change\n");
	file_append(PROBES, "-:samepage/invlpg\n");
	snprintf(line, sizeof(line),
		 "p:samepage/invalidate kvm_mmu_notifier_invalidate_range_start mm=+%d(%s):x64 "
		 "start=+%d(%s):x64 end=+%d(%s):x64 flags=+%d(%s):u32 event=+%d(%s):u32\n",
		 mm, ARGUMENT_2, mm + 8, ARGUMENT_2, mm + 16, ARGUMENT_2, mm + 24, ARGUMENT_2,
		 mm + 28, ARGUMENT_2);
	if (!file_append(PROBES, line))
		fail(NULL, "cannot trace: no probe on kvm_mmu_notifier_invalidate_range_start: %s",
		     strerror(errno));
	/* Kernels from 6.10 on have no such callback unless they are patched. */
	if (!file_append(PROBES, "p:samepage/change kvm_mmu_notifier_change_pte mm=" ARGUMENT_2
				 ":x64 address=" ARGUMENT_3 ":x64 pte=" ARGUMENT_4 ":x64\n"))
		trace_sources[CHANGE].path = NULL;
	if (shadow &&
	    !file_append(PROBES, "p:samepage/invlpg kvm_mmu_invlpg address=" ARGUMENT_2 ":x64\n"))
		fail(NULL, "cannot trace: no probe on kvm_mmu_invlpg: %s", strerror(errno));
}

/* An address of 48 bits: kernel addresses are told from others by their highest bit. */
static void pack_address(uint64_t address)
{
	pack(address & 0xffffffffffffull);
}

/* A page-table entry: frame number, then its other bits, the high ones behind the low ones. */
static void pack_entry(uint64_t entry)
{
	pack((entry >> 12) & 0xffffffffffull);
	pack((entry & 0xfff) | (entry >> 52) << 12);
}

/* The last entry of a walk: one that maps a page, large or small, or is not there. */
static bool ends_walk(uint64_t entry, uint64_t level)
{
	return level == 1 || !(entry & ENTRY_PRESENT) || (level < 4 && entry & ENTRY_LARGE);
}

bool trace_is_kept(enum trace_kind kind, const uint64_t *v)
{
	return kind != GUEST_ENTRY || ends_walk(v[0], v[1]);
}

void trace_pack_fields(enum trace_kind kind, const uint64_t *v)
{
	switch (kind) {
	case FAULT:
		pack_address(v[0]);
		pack(v[1]);
		break;
	case EXIT:
		pack((uint32_t)v[0]);
		break;
	case INVALIDATE:
		pack(address_space(v[0]));
		pack(v[1] >> PAGE_SHIFT);
		pack((v[2] - v[1] + ~PAGE_MASK) >> PAGE_SHIFT);
		pack(v[3]);
		pack(v[4]);
		break;
	case CHANGE:
		pack(address_space(v[0]));
		pack(v[1] >> PAGE_SHIFT);
		pack_entry(v[2]);
		break;
	case SPTE:
		pack(v[0]);
		pack(v[1]);
		pack_entry(v[2]);
		pack_entry(v[3]);
		break;
	case GUEST_ENTRY:
		pack(v[1]);
		pack_entry(v[0]);
		break;
	case GUEST_FAULT:
		pack((uint32_t)v[0]);
		break;
	case SHADOW_ENTRY:
		pack(v[0]);
		pack(v[1]);
		pack_address(v[2]);
		pack_entry(v[3]);
		break;
	case SHADOW_PAGE:
		pack(v[0]);
		pack((uint32_t)v[1]);
		pack(v[2] & 1);
		break;
	case SHADOW_SYNC:
	case SHADOW_ZAP:
		pack(v[0]);
		pack((uint32_t)v[1]);
		break;
	case INVLPG:
		pack_address(v[0] & PAGE_MASK);
		break;
	default: /* that it happened is all */
		break;
	}
}
