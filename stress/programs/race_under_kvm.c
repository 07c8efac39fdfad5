// SPDX-License-Identifier: Apache-2.0
/*
 * A small virtual machine whose memory KSM merges on one CPU, while its guest reads
 * and writes on another and a second thread of the host drops pages, writes to them,
 * deletes the memslot and flips the switch. Needs two CPUs to be more than a queue.
 *
 * Half of the pages are the guest's: only it writes to them, so that each of its reads
 * has one right answer, at once. The other half are the host's: what the guest reads
 * there must be what the page held before the round, or something that the host put
 * there in it. After each round host and guest must see the same everywhere.
 *
 * usage: race_under_kvm ROUNDS SEED MODE...
 * Modes: flip (the switch, where the kernel has one), dirty-log, slots, trace.
 *
 * Prints "name=value" pairs, and of a failure what was wrong and, with the mode trace,
 * what KVM's MMU did to the page. Ends with the first round that fails; status 1 if
 * anything was wrong, or if nothing merged.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "small_vm.h"
#include "trace.h"

#define PAGES 128
#define GUEST_PAGES 64 /* the first; the others are the host's */
#define CONTENTS 4
#define BATCH 512
#define BATCHES 4 /* a round */
#define PASSES 8
#define HOT 4 /* pages that a batch works on */
#define HOST_OPERATIONS 24 /* a round */
#define SHOWN 8 /* mismatches */

static uint32_t *expected; /* what the guest's pages have to hold */
static uint32_t usual[GUEST_PAGES]; /* content of each of them */
static uint32_t holds[PAGES]; /* content of the host's pages */
static uint32_t allowed[PAGES]; /* contents that they had in this round, as bits */
static pthread_barrier_t turn; /* at both ends of a round */
static unsigned long rounds, round_now;
static bool over, flip, dirty_log, slots, trace;
static uint64_t guest_random, host_random;

static struct {
	uint64_t guest_reads, guest_writes, host_writes, drops, slot_deletions, flips, log_reads;
	uint64_t dirty_missed, mismatches, most_sharing;
} seen;

static void wrong(uint32_t page, const char *what, uint32_t is, uint32_t should)
{
	if (trace && !seen.mismatches)
		trace_stop();
	if (seen.mismatches++ < SHOWN)
		printf("round %lu, page %u: %s %08x instead of %08x\n", round_now, page, what, is,
		       should);
	if (trace && seen.mismatches == 1)
		trace_of(DATA_GPA + page * PAGE, (uintptr_t)(memory + (size_t)page * WORDS));
}

static bool is_allowed(uint32_t page, uint32_t value)
{
	for (uint32_t which = 0; which < CONTENTS; which++)
		if (allowed[page] >> which & 1 && value == content(which))
			return true;
	return false;
}

/* A write that makes a page different from others, or equal again, or changes nothing. */
static struct operation guest_write(uint32_t page, uint32_t *odd)
{
	uint32_t word = *odd, value = content(usual[page]);

	if (word != WORDS) {
		*odd = WORDS;
	} else {
		word = random_below(&guest_random, WORDS);
		if (random_below(&guest_random, 4) == 0) {
			*odd = word;
			value = random_next(&guest_random);
		}
	}
	expected[page * WORDS + word] = value;
	return (struct operation){ WRITE, DATA_GPA + (page * WORDS + word) * 4, value, 0 };
}

/* At the end the pages are as they were, so that all passes read the same. */
static void guest_batch(bool *written)
{
	static struct operation operations[BATCH];
	uint32_t hot[HOT], odd[HOT];
	int n = 0;

	for (int i = 0; i < HOT; i++) {
		hot[i] = (random_below(&guest_random, GUEST_PAGES / HOT)) * HOT + i;
		odd[i] = WORDS;
		written[hot[i]] = true;
	}
	while (n < BATCH - HOT) {
		uint32_t which = random_below(&guest_random, HOT), page = hot[which], word;
		uint32_t kind = random_below(&guest_random, 8);

		if (kind < 3) {
			operations[n++] = guest_write(page, &odd[which]);
			seen.guest_writes += PASSES;
			continue;
		}
		if (kind == 3)
			page = GUEST_PAGES + random_below(&guest_random, PAGES - GUEST_PAGES);
		word = odd[which] != WORDS && kind == 4 ? odd[which] :
							  random_below(&guest_random, WORDS);
		operations[n++] = (struct operation){
			.kind = kind == 3 ? READ : EXPECT,
			.address = DATA_GPA + (page * WORDS + word) * 4,
			.value = expected[page * WORDS + word],
			.result = expected[page * WORDS + word],
		};
		seen.guest_reads += PASSES;
	}
	for (int i = 0; i < HOT; i++)
		if (odd[i] != WORDS)
			operations[n++] = guest_write(hot[i], &odd[i]);
	run_guest(operations, n, PASSES);
	for (int i = 0; i < n; i++) {
		uint32_t page = (operations[i].address - DATA_GPA) / PAGE;

		if (operations[i].kind == EXPECT && operations[i].result != operations[i].value)
			wrong(page, "the guest read", operations[i].result, operations[i].value);
		/* Of the host's pages the values are kept until it is known what they may be. */
		if (operations[i].kind == READ && !is_allowed(page, operations[i].result))
			wrong(page, "the guest read what was not there:", operations[i].result,
			      content(holds[page]));
	}
}

static void host_operation(void)
{
	uint32_t page = GUEST_PAGES + random_below(&host_random, PAGES - GUEST_PAGES);
	uint32_t which = random_below(&host_random, CONTENTS);
	volatile uint32_t *word = memory + (size_t)page * WORDS;

	/* Allowed before it is there: the guest may see it from the first store on. */
	__atomic_fetch_or(&allowed[page], 1u << which, __ATOMIC_SEQ_CST);
	if (random_below(&host_random, 2)) {
		__atomic_fetch_or(&allowed[page], 1, __ATOMIC_SEQ_CST);
		if (madvise(memory + (size_t)page * WORDS, PAGE, MADV_DONTNEED))
			die("cannot drop a page");
		seen.drops++;
	}
	for (int i = 0; i < WORDS; i++)
		word[i] = content(which);
	holds[page] = which;
	seen.host_writes++;
}

static void delete_slot(void)
{
	set_data_slot(false);
	set_data_slot(true);
	seen.slot_deletions++;
}

static void flip_switch(void)
{
	static unsigned int state;

	state = (state + 1) % CHANGE_PTE_STATES;
	write_text(CHANGE_PTE, change_pte_states[state]);
	seen.flips++;
}

/* A round of logging keeps its memslot: with it the log would go. */
static bool logs_in(unsigned long r)
{
	return dirty_log && r % 4 == 3;
}

static void *host(void *nothing)
{
	for (unsigned long r = 0;; r++) {
		pthread_barrier_wait(&turn);
		if (over)
			return nothing;
		for (int i = 0; i < HOST_OPERATIONS; i++) {
			host_operation();
			if (slots && !logs_in(r) && random_below(&host_random, 16) == 0)
				delete_slot();
			if (flip && random_below(&host_random, 32) == 0)
				flip_switch();
		}
		pthread_barrier_wait(&turn);
	}
}

static void check_dirty_log(const bool *written)
{
	static uint64_t bitmap[PAGES / 64];

	dirty_log_read(bitmap);
	seen.log_reads++;
	for (uint32_t page = 0; page < PAGES; page++)
		if (written[page] && !(bitmap[page / 64] >> page % 64 & 1)) {
			seen.dirty_missed++;
			wrong(page, "the log of dirty pages says", 0, 1);
		}
}

/* Nobody but KSM is at work: host and guest have to see the same. */
static void compare(void)
{
	static struct operation operations[PAGES];

	for (uint32_t page = 0; page < PAGES; page++) {
		uint32_t word = page * WORDS + random_below(&guest_random, WORDS);
		uint32_t should = page < GUEST_PAGES ? expected[word] : content(holds[page]);

		if (page < GUEST_PAGES) {
			for (uint32_t i = page * WORDS; i < (page + 1) * WORDS; i++)
				if (memory[i] != expected[i]) {
					wrong(page, "the host read", memory[i], expected[i]);
					break;
				}
		} else if (memory[word] != should) {
			wrong(page, "the host read", memory[word], should);
		}
		operations[page] =
			(struct operation){ EXPECT, DATA_GPA + word * 4, should, should };
	}
	run_guest(operations, PAGES, 1);
	for (uint32_t page = 0; page < PAGES; page++)
		if (operations[page].result != operations[page].value)
			wrong(page, "after the round the guest read", operations[page].result,
			      operations[page].value);
	seen.guest_reads += PAGES;
}

static void one_round(void)
{
	bool written[PAGES] = { false };
	uint64_t sharing;

	for (uint32_t page = 0; page < PAGES; page++)
		allowed[page] = 1u << holds[page];
	if (logs_in(round_now)) {
		logging = true;
		set_data_slot(true);
	}
	pthread_barrier_wait(&turn);
	for (int i = 0; i < BATCHES; i++)
		guest_batch(written);
	pthread_barrier_wait(&turn);
	if (logs_in(round_now)) {
		check_dirty_log(written);
		logging = false;
		set_data_slot(true);
	}
	compare();
	read_number(KSM "pages_sharing", &sharing);
	if (sharing > seen.most_sharing)
		seen.most_sharing = sharing;
}

static void fill_all(void)
{
	for (uint32_t page = 0; page < PAGES; page++) {
		uint32_t which = random_below(&guest_random, CONTENTS);

		for (int i = 0; i < WORDS; i++)
			memory[page * WORDS + i] = expected[page * WORDS + i] = content(which);
		holds[page] = which;
		if (page < GUEST_PAGES)
			usual[page] = which;
	}
}

static void report(void)
{
	printf("rounds=%lu guest_reads=%llu guest_writes=%llu host_writes=%llu drops=%llu "
	       "slot_deletions=%llu flips=%llu log_reads=%llu dirty_missed=%llu most_sharing=%llu",
	       round_now, (unsigned long long)seen.guest_reads,
	       (unsigned long long)seen.guest_writes, (unsigned long long)seen.host_writes,
	       (unsigned long long)seen.drops, (unsigned long long)seen.slot_deletions,
	       (unsigned long long)seen.flips, (unsigned long long)seen.log_reads,
	       (unsigned long long)seen.dirty_missed, (unsigned long long)seen.most_sharing);
	print_change_pte_counters();
	printf(" mismatches=%llu\n", (unsigned long long)seen.mismatches);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3) {
		printf("usage: race_under_kvm ROUNDS SEED MODE...\n");
		return 2;
	}
	rounds = strtoul(argv[1], NULL, 10);
	guest_random = strtoull(argv[2], NULL, 10);
	host_random = ~guest_random;
	for (int i = 3; i < argc; i++) {
		flip |= !strcmp(argv[i], "flip");
		dirty_log |= !strcmp(argv[i], "dirty-log");
		slots |= !strcmp(argv[i], "slots");
		trace |= !strcmp(argv[i], "trace");
	}
	create_vm(PAGES, LOG_BITMAP, false);
	expected = map_aligned((size_t)PAGES * PAGE, PAGE);
	fill_all();
	write_text(KSM "pages_to_scan", "256");
	write_text(KSM "sleep_millisecs", "0");
	write_text(KSM "run", "1");
	if (trace)
		trace_start();
	pthread_barrier_init(&turn, NULL, 2);
	if (pthread_create(&thread, NULL, host, NULL))
		die("cannot start the host's thread");
	while (round_now < rounds && !seen.mismatches) {
		one_round();
		round_now++;
	}
	over = true;
	pthread_barrier_wait(&turn);
	pthread_join(thread, NULL);
	report();
	if (seen.mismatches)
		return 1;
	if (!seen.most_sharing) {
		printf("nothing was merged\n");
		return 1;
	}
	return 0;
}
