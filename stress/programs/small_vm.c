// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "small_vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"

#define CODE_GPA 0x1000u
#define TABLE_GPA 0x8000u
#define CONTROL_BYTES 0x20000u
#define HUGE_BYTES (2 << 20)

uint32_t *memory;
bool logging;

static int kvm, vm;
static struct vcpu vcpu; /* the one that carries out tables */
static unsigned char *control;
static size_t data_bytes;

/*
 * The guest: goes through a table of operations as often as its head says, says so
 * and begins again.
 */
__asm__(".pushsection .rodata\n"
	".globl guest_code, guest_code_end\n"
	".code32\n"
	"guest_code:\n"
	"1:	mov $0x8000, %esi\n"
	"	mov 4(%esi), %ebp\n"
	"2:	mov $0x8000, %esi\n"
	"	mov (%esi), %ecx\n"
	"	add $16, %esi\n"
	"3:	mov 4(%esi), %ebx\n"
	"	cmpl $1, (%esi)\n"
	"	je 4f\n"
	"	mov (%ebx), %edx\n"
	"	jb 5f\n"
	"	cmp 8(%esi), %edx\n"
	"	je 6f\n"
	"5:	mov %edx, 12(%esi)\n"
	"	jmp 6f\n"
	"4:	mov 8(%esi), %edx\n"
	"	mov %edx, (%ebx)\n"
	"6:	add $16, %esi\n"
	"	dec %ecx\n"
	"	jnz 3b\n"
	"	dec %ebp\n"
	"	jnz 2b\n"
	"	out %al, $0x10\n"
	"	jmp 1b\n"
	"guest_code_end:\n"
	".code64\n"
	".popsection\n");
extern const unsigned char guest_code[], guest_code_end[];

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t random_below(uint64_t *state, uint32_t limit)
{
	return random_next(state) % limit;
}

uint32_t content(uint32_t which)
{
	return which * 0x01010101u;
}

void set_memslot(int slot, uint32_t gpa, void *host, size_t bytes, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = bytes,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		die("cannot set memslot %d to %zu bytes", slot, bytes);
}

void set_data_slot(bool there)
{
	set_memslot(DATA_SLOT, DATA_GPA, memory, there ? data_bytes : 0,
		    there && logging ? KVM_MEM_LOG_DIRTY_PAGES : 0);
}

static void flat_segment(struct kvm_segment *s, int type)
{
	*s = (struct kvm_segment){ .limit = 0xffffffff,
				   .selector = 8,
				   .type = type,
				   .present = 1,
				   .db = 1,
				   .s = 1,
				   .g = 1 };
}

void *map_aligned(size_t bytes, size_t alignment)
{
	unsigned char *at = mmap(NULL, bytes + alignment, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("cannot allocate %zu bytes", bytes);
	return at + (alignment - (uintptr_t)at % alignment) % alignment;
}

/* Since 6.17 KVM can be built without the controllers of a PC, and then has APICs alone. */
static void create_apics(void)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };

	if (ioctl(vm, KVM_CREATE_IRQCHIP, 0) && ioctl(vm, KVM_ENABLE_CAP, &split))
		die("cannot create APICs");
}

void *control_memory(uint32_t gpa)
{
	return control + gpa;
}

struct vcpu create_vcpu(int id, const struct kvm_regs *regs)
{
	struct vcpu new = { .fd = ioctl(vm, KVM_CREATE_VCPU, id) };
	int run_bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_sregs sregs;

	if (new.fd < 0 || run_bytes < 0)
		die("cannot create a vCPU");
	new.run = mmap(NULL, run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, new.fd, 0);
	if (new.run == MAP_FAILED)
		die("cannot map the vCPU");
	if (ioctl(new.fd, KVM_GET_SREGS, &sregs))
		die("cannot read the vCPU's registers");
	flat_segment(&sregs.cs, 11);
	flat_segment(&sregs.ds, 3);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 |= 1;
	if (ioctl(new.fd, KVM_SET_SREGS, &sregs) || ioctl(new.fd, KVM_SET_REGS, regs))
		die("cannot set the vCPU's registers");
	return new;
}

void create_vm(uint32_t pages, enum dirty_log how, bool apic)
{
	struct kvm_regs regs = { .rip = CODE_GPA, .rflags = 2 };

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		die("cannot open /dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		die("cannot create a VM");
	dirty_log_of_vm(vm, how, pages);
	ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000ul);
	if (apic)
		create_apics();
	vcpu = create_vcpu(0, &regs);
	dirty_log_of_vcpu(vcpu.fd);

	data_bytes = (size_t)pages * PAGE;
	control = map_aligned(CONTROL_BYTES, PAGE);
	memory = map_aligned(data_bytes, HUGE_BYTES);
	memcpy(control + CODE_GPA, guest_code, guest_code_end - guest_code);
	set_memslot(0, 0, control, CONTROL_BYTES, 0);
	set_data_slot(true);
	if (madvise(memory, data_bytes, MADV_MERGEABLE))
		die("cannot advise KSM");
}

/* An access to data whose memslot is not there: KVM asks its user to do it. */
static void access_for_guest(struct kvm_run *run)
{
	uint64_t at = run->mmio.phys_addr - DATA_GPA;
	volatile uint32_t *word = memory + at / sizeof(*memory);

	if (at >= data_bytes || run->mmio.len != sizeof(*memory)) {
		printf("the guest accessed %llx\n", (unsigned long long)run->mmio.phys_addr);
		exit(2);
	}
	if (run->mmio.is_write) {
		*word = *(uint32_t *)run->mmio.data;
	} else {
		uint32_t value = *word;

		memcpy(run->mmio.data, &value, sizeof(value));
	}
}

void run_guest(struct operation *operations, uint32_t count, uint32_t passes)
{
	struct operation *table = (struct operation *)(control + TABLE_GPA);
	struct kvm_run *run = vcpu.run;

	table[0] = (struct operation){ .kind = count, .address = passes };
	memcpy(table + 1, operations, count * sizeof(*operations));
	for (;;) {
		if (ioctl(vcpu.fd, KVM_RUN, 0)) {
			if (errno != EINTR)
				die("cannot run the guest");
		} else if (run->exit_reason == KVM_EXIT_MMIO) {
			access_for_guest(run);
		} else if (run->exit_reason == KVM_EXIT_DIRTY_RING_FULL) {
			dirty_ring_empty();
		} else if (run->exit_reason != KVM_EXIT_INTR) {
			break;
		}
	}
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != 0x10) {
		printf("the guest ended with exit reason %u\n", run->exit_reason);
		exit(2);
	}
	memcpy(operations, table + 1, count * sizeof(*operations));
}

/* The VM's counters are in a directory "PID-FD". */
static uint64_t vm_counter(const char *name)
{
	char path[400], prefix[32];
	struct dirent *entry;
	uint64_t value = 0;
	DIR *dir = opendir("/sys/kernel/debug/kvm");

	snprintf(prefix, sizeof(prefix), "%d-", getpid());
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, prefix, strlen(prefix))) {
			snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%s/%s", entry->d_name,
				 name);
			read_number(path, &value);
		}
	if (dir)
		closedir(dir);
	return value;
}

const char *const change_pte_states[CHANGE_PTE_STATES] = { "N", "update", "map" };

void print_change_pte_counters(void)
{
	static const char *const names[] = { "change_pte_updated",
					     "change_pte_zapped",
					     "change_pte_mapped",
					     "change_pte_skipped",
					     "change_pte_missed",
					     "change_pte_unmapped",
					     "remote_tlb_flush_requests",
					     "remote_tlb_flush",
					     "exits",
					     "irq_exits",
					     "pf_fixed" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		printf(" %s=%llu", names[i], (unsigned long long)vm_counter(names[i]));
}
