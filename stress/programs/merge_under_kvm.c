// SPDX-License-Identifier: Apache-2.0
/*
 * A small virtual machine whose memory KSM merges, while everything else happens to
 * it that can get in the way: the guest writes and reads, the host writes, dirty
 * logging goes on and off, the memslot is deleted and made again, pages are aged and
 * dropped, and kvm.change_pte is flipped. A copy of what the memory has to hold is
 * kept aside; each read of the guest, and all of the memory in between, is compared.
 *
 * usage: merge_under_kvm ITERATIONS SEED MODE...
 * Modes: flip (the switch, where the kernel has one), dirty-log, slots, age, drop.
 *
 * Prints "name=value" pairs; status 1 if anything was wrong, or if nothing merged.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

#define PAGE 4096
#define WORDS (PAGE / 4)
#define PAGES 1024
#define DATA_GPA 0x200000u
#define CODE_GPA 0x1000u
#define TABLE_GPA 0x8000u
#define CONTROL_BYTES 0x20000u
#define BATCH 64
#define CONTENTS 16
#define HUGE_BYTES (2 << 20)

#define CHANGE_PTE "/sys/module/kvm/parameters/change_pte"
#define PAGE_IDLE "/sys/kernel/mm/page_idle/bitmap"

enum { READ = 0, WRITE = 1 };

struct operation {
	uint32_t kind, address, value, result;
};

static int vm, vcpu;
static struct kvm_run *run;
static unsigned char *control;
static uint32_t *memory; /* the guest's, merged by KSM */
static uint32_t *expected; /* what it has to hold */
static bool logging;
static bool written[PAGES]; /* by the guest, since the last look at the log */
static uint64_t random_state;

static struct {
	uint64_t guest_reads, guest_writes, host_writes, mismatches, dirty_missed, dirty_extra;
	uint64_t log_reads, slot_deletions, flips, agings, drops, most_sharing;
} seen;

static uint64_t random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t limit)
{
	return random_next() % limit;
}

static void sleep_us(long us)
{
	struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

/*
 * The guest: carries out a table of reads and writes, says so and begins again. It
 * runs in protected mode without paging, so all its faults are at the second level.
 */
__asm__(".pushsection .rodata\n"
	".globl guest_code, guest_code_end\n"
	".code32\n"
	"guest_code:\n"
	"1:	mov $0x8000, %esi\n"
	"	mov (%esi), %ecx\n"
	"	add $16, %esi\n"
	"2:	mov 4(%esi), %ebx\n"
	"	cmpl $0, (%esi)\n"
	"	je 3f\n"
	"	mov 8(%esi), %edx\n"
	"	mov %edx, (%ebx)\n"
	"	jmp 4f\n"
	"3:	mov (%ebx), %edx\n"
	"	mov %edx, 12(%esi)\n"
	"4:	add $16, %esi\n"
	"	dec %ecx\n"
	"	jnz 2b\n"
	"	out %al, $0x10\n"
	"	jmp 1b\n"
	"guest_code_end:\n"
	".code64\n"
	".popsection\n");
extern const unsigned char guest_code[], guest_code_end[];

static void set_slot(int slot, uint32_t gpa, void *host, size_t bytes, uint32_t flags)
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

static void set_data_slot(bool there)
{
	set_slot(1, DATA_GPA, memory, there ? (size_t)PAGES * PAGE : 0,
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

static void *map(size_t bytes, size_t alignment)
{
	unsigned char *at = mmap(NULL, bytes + alignment, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("cannot allocate %zu bytes", bytes);
	return at + (alignment - (uintptr_t)at % alignment) % alignment;
}

static void create_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = CODE_GPA, .rflags = 2 };
	int run_bytes;

	if (kvm < 0)
		die("cannot open /dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		die("cannot create a VM");
	ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000ul);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run_bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vcpu < 0 || run_bytes < 0)
		die("cannot create a vCPU");
	run = mmap(NULL, run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		die("cannot map the vCPU");

	control = map(CONTROL_BYTES, PAGE);
	memory = map((size_t)PAGES * PAGE, HUGE_BYTES);
	expected = map((size_t)PAGES * PAGE, PAGE);
	memcpy(control + CODE_GPA, guest_code, guest_code_end - guest_code);
	set_slot(0, 0, control, CONTROL_BYTES, 0);
	set_data_slot(true);
	if (madvise(memory, (size_t)PAGES * PAGE, MADV_MERGEABLE))
		die("cannot advise KSM");

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
		die("cannot read the vCPU's registers");
	flat_segment(&sregs.cs, 11);
	flat_segment(&sregs.ds, 3);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 |= 1;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		die("cannot set the vCPU's registers");
}

static uint32_t content(uint32_t which)
{
	return which * 0x01010101u;
}

static void fill(uint32_t page, uint32_t which)
{
	for (int i = 0; i < WORDS; i++) {
		memory[page * WORDS + i] = content(which);
		expected[page * WORDS + i] = content(which);
	}
}

static void run_guest(struct operation *operations, uint32_t count)
{
	struct operation *table = (struct operation *)(control + TABLE_GPA);

	table[0].kind = count;
	memcpy(table + 1, operations, count * sizeof(*operations));
	do {
		if (ioctl(vcpu, KVM_RUN, 0) && errno != EINTR)
			die("cannot run the guest");
	} while (run->exit_reason == KVM_EXIT_INTR);
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != 0x10) {
		printf("the guest ended with exit reason %u\n", run->exit_reason);
		exit(2);
	}
	memcpy(operations, table + 1, count * sizeof(*operations));
}

/* Half of the writes put back what makes a page equal to others. */
static void guest_batch(void)
{
	struct operation operations[BATCH];

	for (int i = 0; i < BATCH; i++) {
		uint32_t word = below(PAGES * WORDS);

		operations[i] = (struct operation){ .kind = below(4) ? READ : WRITE,
						    .address = DATA_GPA + word * 4 };
		if (operations[i].kind == WRITE) {
			/* Its neighbour has the page's content, unless it was changed too. */
			operations[i].value = below(2) ? expected[word ^ 1] :
							 (uint32_t)random_next();
		}
	}
	run_guest(operations, BATCH);
	for (int i = 0; i < BATCH; i++) {
		uint32_t word = (operations[i].address - DATA_GPA) / 4;

		if (operations[i].kind == WRITE) {
			expected[word] = operations[i].value;
			written[word / WORDS] = true;
			seen.guest_writes++;
			continue;
		}
		seen.guest_reads++;
		if (operations[i].result != expected[word]) {
			seen.mismatches++;
			printf("guest read %08x instead of %08x in page %u\n", operations[i].result,
			       expected[word], word / WORDS);
		}
	}
}

/* The guest reads a word of each page, so that all mappings are there again. */
static void guest_sweep(void)
{
	for (uint32_t page = 0; page < PAGES; page += BATCH) {
		struct operation operations[BATCH];

		for (int i = 0; i < BATCH; i++)
			operations[i] = (struct operation){
				.kind = READ,
				.address = DATA_GPA + (page + i) * PAGE + below(WORDS) * 4,
			};
		run_guest(operations, BATCH);
		for (int i = 0; i < BATCH; i++)
			if (operations[i].result !=
			    expected[(operations[i].address - DATA_GPA) / 4])
				seen.mismatches++;
		seen.guest_reads += BATCH;
	}
}

static void host_writes(void)
{
	for (int i = 0; i < 4; i++) {
		/* A page is made equal to others again. */
		fill(below(PAGES), below(CONTENTS));
		seen.host_writes++;
	}
}

static void check_dirty_log(void)
{
	static uint64_t bitmap[PAGES / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bitmap };

	if (ioctl(vm, KVM_GET_DIRTY_LOG, &log))
		die("cannot read the dirty log");
	seen.log_reads++;
	for (int i = 0; i < PAGES; i++) {
		bool dirty = bitmap[i / 64] >> (i % 64) & 1;

		if (written[i] && !dirty)
			seen.dirty_missed++;
		if (!written[i] && dirty)
			seen.dirty_extra++;
		written[i] = false;
	}
}

static void toggle_logging(void)
{
	if (logging)
		check_dirty_log();
	logging = !logging;
	set_data_slot(true);
	memset(written, 0, sizeof(written));
}

static void delete_slot(void)
{
	if (logging)
		check_dirty_log();
	set_data_slot(false);
	sleep_us(1000); /* KSM goes on without it */
	set_data_slot(true);
	seen.slot_deletions++;
}

/* Clears the accessed bits of all pages, in the guest's tables too. */
static void age_pages(void)
{
	static unsigned char ones[8192];
	int fd = open(PAGE_IDLE, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		die("cannot open " PAGE_IDLE);
	memset(ones, 0xff, sizeof(ones));
	for (off_t at = 0; pwrite(fd, ones, sizeof(ones), at) > 0; at += sizeof(ones))
		;
	close(fd);
	seen.agings++;
}

static void drop_page(void)
{
	uint32_t page = below(PAGES);

	if (madvise(memory + (size_t)page * WORDS, PAGE, MADV_DONTNEED))
		die("cannot drop a page");
	memset(expected + (size_t)page * WORDS, 0, PAGE);
	seen.drops++;
}

static void flip_switch(void)
{
	static bool on;

	if (access(CHANGE_PTE, F_OK))
		return;
	on = !on;
	write_text(CHANGE_PTE, on ? "1" : "0");
	seen.flips++;
}

static void compare_all(void)
{
	if (memcmp(memory, expected, (size_t)PAGES * PAGE)) {
		seen.mismatches++;
		printf("the host sees other memory than it should\n");
	}
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

static void report(void)
{
	static const char *const names[] = { "change_pte_updated", "change_pte_zapped",
					     "change_pte_missed", "change_pte_unmapped" };

	printf("guest_reads=%llu guest_writes=%llu host_writes=%llu log_reads=%llu dirty_missed=%llu "
	       "dirty_extra=%llu slot_deletions=%llu flips=%llu agings=%llu drops=%llu most_sharing=%llu",
	       (unsigned long long)seen.guest_reads, (unsigned long long)seen.guest_writes,
	       (unsigned long long)seen.host_writes, (unsigned long long)seen.log_reads,
	       (unsigned long long)seen.dirty_missed, (unsigned long long)seen.dirty_extra,
	       (unsigned long long)seen.slot_deletions, (unsigned long long)seen.flips,
	       (unsigned long long)seen.agings, (unsigned long long)seen.drops,
	       (unsigned long long)seen.most_sharing);
	for (int i = 0; i < 4; i++)
		printf(" %s=%llu", names[i], (unsigned long long)vm_counter(names[i]));
	printf(" mismatches=%llu\n", (unsigned long long)seen.mismatches);
}

static bool has(char **modes, const char *mode)
{
	for (; *modes; modes++)
		if (!strcmp(*modes, mode))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned long iterations;
	uint64_t sharing;
	char **modes;

	if (argc < 3) {
		printf("usage: merge_under_kvm ITERATIONS SEED MODE...\n");
		return 2;
	}
	iterations = strtoul(argv[1], NULL, 10);
	random_state = strtoull(argv[2], NULL, 10);
	modes = argv + 3;
	create_vm();
	for (uint32_t page = 0; page < PAGES; page++)
		fill(page, below(CONTENTS));
	write_text(KSM "pages_to_scan", "256");
	write_text(KSM "sleep_millisecs", "0");
	write_text(KSM "run", "1");

	for (unsigned long i = 1; i <= iterations; i++) {
		guest_batch();
		if (i % 4 == 0)
			host_writes();
		if (i % 8 == 0)
			sleep_us(2000); /* on a single CPU, KSM's turn */
		if (i % 16 == 0 && logging)
			check_dirty_log();
		if (i % 32 == 0)
			guest_sweep();
		if (i % 24 == 0 && has(modes, "flip"))
			flip_switch();
		if (i % 56 == 0 && has(modes, "dirty-log"))
			toggle_logging();
		if (i % 72 == 0 && has(modes, "slots"))
			delete_slot();
		if (i % 88 == 0 && has(modes, "age"))
			age_pages();
		if (i % 40 == 0 && has(modes, "drop"))
			drop_page();
		if (i % 64 == 0) {
			compare_all();
			read_number(KSM "pages_sharing", &sharing);
			seen.most_sharing = sharing > seen.most_sharing ? sharing :
									  seen.most_sharing;
		}
	}
	guest_sweep();
	compare_all();
	report();
	if (seen.mismatches || seen.dirty_missed)
		return 1;
	if (!seen.most_sharing) {
		printf("nothing was merged\n");
		return 1;
	}
	return 0;
}
