// SPDX-License-Identifier: Apache-2.0
#include "dirty_log.h"

#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"

/* Of the vCPU, a power of two; KVM keeps some hundred of them free for a guest on its way out. */
#define RING_ENTRIES 2048

static int log_vm;
static enum dirty_log log_how;
static uint32_t log_pages;

static struct kvm_dirty_gfn *ring;
static uint32_t ring_next;
static uint64_t *from_ring; /* bits of pages that were taken from the ring */

static void enable(uint32_t capability, uint64_t argument)
{
	struct kvm_enable_cap cap = { .cap = capability, .args = { argument } };

	if (ioctl(log_vm, KVM_ENABLE_CAP, &cap))
		die("cannot enable the capability %u", capability);
}

void dirty_log_of_vm(int vm, enum dirty_log how, uint32_t pages)
{
	log_vm = vm;
	log_how = how;
	log_pages = pages;
	if (how == LOG_CLEAR)
		enable(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
	if (how == LOG_RING)
		enable(KVM_CAP_DIRTY_LOG_RING, RING_ENTRIES * sizeof(*ring));
}

void dirty_log_of_vcpu(int vcpu)
{
	if (log_how != LOG_RING)
		return;
	ring = mmap(NULL, RING_ENTRIES * sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu,
		    (off_t)KVM_DIRTY_LOG_PAGE_OFFSET * sysconf(_SC_PAGESIZE));
	from_ring = calloc(log_pages / 64, sizeof(*from_ring));
	if (ring == MAP_FAILED || !from_ring)
		die("cannot map the ring of dirty pages");
}

void dirty_ring_empty(void)
{
	for (;; ring_next++) {
		struct kvm_dirty_gfn *entry = &ring[ring_next % RING_ENTRIES];

		/* KVM writes the flag last, and waits for ours. */
		if (!(__atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE) & KVM_DIRTY_GFN_F_DIRTY))
			break;
		if (entry->slot == DATA_SLOT && entry->offset < log_pages)
			from_ring[entry->offset / 64] |= 1ull << entry->offset % 64;
		__atomic_store_n(&entry->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
	}
	if (ioctl(log_vm, KVM_RESET_DIRTY_RINGS, 0) < 0)
		die("cannot give back the ring of dirty pages");
}

void dirty_log_read(uint64_t *bitmap)
{
	struct kvm_dirty_log log = { .slot = DATA_SLOT, .dirty_bitmap = bitmap };
	struct kvm_clear_dirty_log clear = {
		.slot = DATA_SLOT,
		.num_pages = log_pages,
		.dirty_bitmap = bitmap,
	};

	if (log_how == LOG_RING) {
		dirty_ring_empty();
		memcpy(bitmap, from_ring, log_pages / 8);
		memset(from_ring, 0, log_pages / 8);
		return;
	}
	if (ioctl(log_vm, KVM_GET_DIRTY_LOG, &log))
		die("cannot read the dirty log");
	if (log_how == LOG_CLEAR && ioctl(log_vm, KVM_CLEAR_DIRTY_LOG, &clear))
		die("cannot clear the dirty log");
}
