// SPDX-License-Identifier: Apache-2.0
/*
 * A small virtual machine whose memory KSM merges, while everything else happens to
 * it that can get in the way: the guest writes and reads, the host writes, dirty
 * logging goes on and off, the memslot is deleted and made again, pages are aged and
 * dropped, swapped, moved and unmerged, and kvm.change_pte is flipped. A copy of what the
 * memory has to hold is kept aside; each read of the guest, and all of the memory in
 * between, is compared.
 *
 * usage: merge_under_kvm ITERATIONS SEED MODE...
 * Modes: flip (the switch, where the kernel has one), dirty-log, slots, age, drop, swap,
 * compact, zero (pages of zeros become the zero page, and do not any more), unmerge; and
 * log-clear and log-ring, two other ways than the bitmap to say what is dirty; and apic, by
 * which the guest has one and reads its version, with swap while its page is swapped out; and
 * hugetlb, by which the guest has a memslot on hugetlbfs beside; locks, on a kernel that counts
 * how long they are held; and spin=N, so many virtual CPUs besides that read all the time.
 *
 * Prints "name=value" pairs; status 1 if anything was wrong, or if nothing merged.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "huge_slot.h"
#include "locks.h"
#include "small_vm.h"
#include "spinning.h"
#include "trouble.h"

#define PAGES 1024
#define BATCH 64
#define CONTENTS 16

#define PAGE_IDLE "/sys/kernel/mm/page_idle/bitmap"

static uint32_t *expected; /* what the memory has to hold */
static bool written[PAGES]; /* by the guest, since the last look at the log */
static uint64_t random_state;

static struct {
	uint64_t guest_reads, guest_writes, host_writes, mismatches, dirty_missed, dirty_extra;
	uint64_t log_reads, slot_deletions, flips, agings, drops, most_sharing;
	uint64_t page_outs, compactions, zero_flips, unmerges, apic_reads, apic_page_outs;
} seen;
static struct huge_slot huge;

static uint32_t below(uint32_t limit)
{
	return random_below(&random_state, limit);
}

static void sleep_us(long us)
{
	struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

static void fill(uint32_t page, uint32_t which)
{
	for (int i = 0; i < WORDS; i++) {
		memory[page * WORDS + i] = content(which);
		expected[page * WORDS + i] = content(which);
	}
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
							 (uint32_t)random_next(&random_state);
		}
	}
	run_guest(operations, BATCH, 1);
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
		run_guest(operations, BATCH, 1);
		for (int i = 0; i < BATCH; i++)
			if (operations[i].result !=
			    expected[(operations[i].address - DATA_GPA) / 4])
				seen.mismatches++;
		seen.guest_reads += BATCH;
	}
}

/* Reads that leave the guest, or are the processor's, but are never those of memory. */
static void read_apic(void)
{
	static uint32_t version;
	struct operation operation = { .kind = READ, .address = APIC_VERSION };

	run_guest(&operation, 1, 1);
	if (!version)
		version = operation.result;
	if (!version || operation.result != version) {
		seen.mismatches++;
		printf("the APIC's version is %08x, not %08x\n", operation.result, version);
	}
	seen.apic_reads++;
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

	dirty_log_read(bitmap);
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
	static unsigned int state;

	if (access(CHANGE_PTE, F_OK))
		return;
	state = (state + 1) % CHANGE_PTE_STATES;
	write_text(CHANGE_PTE, change_pte_states[state]);
	seen.flips++;
}

/* A sixteenth of the memory, wherever it begins. */
static void *some_pages(size_t *bytes)
{
	*bytes = PAGES / 16 * PAGE;
	return memory + (size_t)below(PAGES - PAGES / 16) * WORDS;
}

static void swap_pages(void)
{
	size_t bytes;
	void *at = some_pages(&bytes);

	page_out(at, bytes);
	seen.page_outs++;
}

/* All of it, or some of it. */
static void unmerge(void)
{
	size_t bytes;
	void *at = some_pages(&bytes);

	if (seen.unmerges++ % 4)
		unmerge_range(at, bytes);
	else
		unmerge_all();
}

static void compare_all(void)
{
	if (memcmp(memory, expected, (size_t)PAGES * PAGE)) {
		seen.mismatches++;
		printf("the host sees other memory than it should\n");
	}
}

static void report(void)
{
	seen.mismatches += huge.mismatches;
	printf("guest_reads=%llu guest_writes=%llu host_writes=%llu log_reads=%llu dirty_missed=%llu "
	       "dirty_extra=%llu slot_deletions=%llu flips=%llu agings=%llu drops=%llu most_sharing=%llu",
	       (unsigned long long)seen.guest_reads, (unsigned long long)seen.guest_writes,
	       (unsigned long long)seen.host_writes, (unsigned long long)seen.log_reads,
	       (unsigned long long)seen.dirty_missed, (unsigned long long)seen.dirty_extra,
	       (unsigned long long)seen.slot_deletions, (unsigned long long)seen.flips,
	       (unsigned long long)seen.agings, (unsigned long long)seen.drops,
	       (unsigned long long)seen.most_sharing);
	printf(" apic_reads=%llu apic_page_outs=%llu", (unsigned long long)seen.apic_reads,
	       (unsigned long long)seen.apic_page_outs);
	printf(" page_outs=%llu compactions=%llu zero_flips=%llu unmerges=%llu",
	       (unsigned long long)seen.page_outs, (unsigned long long)seen.compactions,
	       (unsigned long long)seen.zero_flips, (unsigned long long)seen.unmerges);
	printf(" huge_reads=%llu huge_writes=%llu huge_drops=%llu", (unsigned long long)huge.reads,
	       (unsigned long long)huge.writes, (unsigned long long)huge.drops);
	spinning_print();
	print_trouble_counters();
	print_change_pte_counters();
	printf(" mismatches=%llu\n", (unsigned long long)seen.mismatches);
}

/* Of "NAME=NUMBER"; 0 if it is not there. */
static unsigned long number_of(char **modes, const char *name)
{
	size_t length = strlen(name);

	for (; *modes; modes++)
		if (!strncmp(*modes, name, length) && (*modes)[length] == '=')
			return strtoul(*modes + length + 1, NULL, 10);
	return 0;
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
	create_vm(PAGES,
		  has(modes, "log-ring")  ? LOG_RING :
		  has(modes, "log-clear") ? LOG_CLEAR :
					    LOG_BITMAP,
		  has(modes, "apic"));
	if (has(modes, "swap"))
		swap_on();
	if (has(modes, "hugetlb"))
		huge_slot_make();
	expected = map_aligned((size_t)PAGES * PAGE, PAGE);
	for (uint32_t page = 0; page < PAGES; page++)
		fill(page, below(CONTENTS));
	write_text(KSM "pages_to_scan", "256");
	write_text(KSM "sleep_millisecs", "0");
	write_text(KSM "run", "1");
	spinning_begin(number_of(modes, "spin"), PAGES);
	if (has(modes, "locks"))
		locks_begin();

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
		if (i % 36 == 0 && has(modes, "swap"))
			swap_pages();
		if (i % 48 == 0 && has(modes, "apic")) {
			if (has(modes, "swap"))
				seen.apic_page_outs += page_out_apic_page();
			read_apic();
		}
		if (i % 20 == 0 && has(modes, "hugetlb"))
			huge_slot_use(&random_state, &huge);
		if (i % 104 == 0 && has(modes, "zero"))
			zero_pages(seen.zero_flips++ % 2 == 0);
		if (i % 136 == 0 && has(modes, "unmerge"))
			unmerge();
		if (i % 152 == 0 && has(modes, "compact")) {
			compact();
			seen.compactions++;
		}
		if (i % 64 == 0) {
			compare_all();
			read_number(KSM "pages_sharing", &sharing);
			seen.most_sharing = sharing > seen.most_sharing ? sharing :
									  seen.most_sharing;
		}
	}
	guest_sweep();
	compare_all();
	if (has(modes, "locks")) {
		locks_print();
		printf("\n");
	}
	report();
	if (seen.mismatches || seen.dirty_missed)
		return 1;
	if (!seen.most_sharing) {
		printf("nothing was merged\n");
		return 1;
	}
	return 0;
}
