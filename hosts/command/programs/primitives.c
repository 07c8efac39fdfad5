// SPDX-License-Identifier: Apache-2.0
/*
 * What single operations cost on a host, by its time-stamp counter, with nothing traced:
 *
 *	primitives CPU OTHER ROUNDS
 *
 * says "NAME OTHERS ROUNDS LEAST MEDIAN" a line, in ticks. The operations are carried out on CPU. OTHERS is
 * what a second thread does on OTHER meanwhile: "asleep", or "running", so that the operation has to interrupt
 * it and waits until it has answered. What both take differs by the interrupt alone.
 *
 *	vmexit		a guest's CPUID, to the guest's next instruction: the cheapest exit that the kernel handles
 *	refault		a guest's read of a page whose second-level mapping was dropped, less one that finds it
 *	interrupt	membarrier(), which interrupts each CPU that runs another thread of the process
 *	process flush	mprotect() of a page that is mapped for writing: the process' TLBs are flushed
 *	guest flush	the same of a page of a guest's memory: KVM drops its mapping and flushes the guest's TLBs.
 *			The other thread runs a second virtual CPU, or does not.
 *
 * What the machine cannot do is not said.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ticks.h"

#define PAGE 4096
#define PAGES 4
#define READS_GPA 0x1000
#define SPINS_GPA 0x1100
#define EXITS_GPA 0x1200
#define DATA_GPA 0x2000
#define PASSES_GPA 0x3000
#define EXITS_A_ROUND 1000
/* Below the top of 4 GiB, where no memory is; without it a VMX that cannot run real mode refuses. */
#define TSS_GPA 0xfffbd000
#define SETTLE_US 10000

/* In real mode, as a vCPU comes into the world. */
static const unsigned char reads[] = {
	0xa0, 0x00, 0x20, /* 1: mov 0x2000, %al */
	0xe6, 0x10, /* out %al, $0x10 */
	0xeb, 0xf9, /* jmp 1b */
};
/*
 * Now and then it leaves the guest by itself: an emulated processor was seen to miss another's interrupt for
 * good while it went round in here, and that one then waits for ever.
 */
static const unsigned char spins[] = {
	0xff, 0x06, 0x00, 0x30, /* 1: incw 0x3000 */
	0x75, 0xfa, /* jnz 1b */
	0x0f, 0xa2, /* cpuid */
	0xeb, 0xf6, /* jmp 1b */
};
static const unsigned char exits[] = {
	0xbe, 0xe8, 0x03, /* 1: mov $1000, %si */
	0x0f, 0xa2, /* 2: cpuid */
	0x4e, /* dec %si */
	0x75, 0xfb, /* jnz 2b */
	0xe6, 0x10, /* out %al, $0x10 */
	0xeb, 0xf4, /* jmp 1b */
};

struct vcpu {
	int fd;
	struct kvm_run *run;
};

static int other, rounds;
static uint64_t *samples;
static unsigned char *memory;
static struct vcpu first, second;

static void die(const char *what)
{
	fprintf(stderr, "primitives: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void stay_on(int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("stay on a CPU");
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median(void)
{
	qsort(samples, rounds, sizeof(*samples), by_size);
	return samples[rounds / 2];
}

static void say(const char *name, bool running, uint64_t less, uint64_t each)
{
	uint64_t middle = median();
	uint64_t least = samples[0];

	printf("%s %s %d %llu %llu\n", name, running ? "running" : "asleep", rounds,
	       (unsigned long long)(least > less ? (least - less) / each : 0),
	       (unsigned long long)(middle > less ? (middle - less) / each : 0));
	fflush(stdout);
}

/* What the second thread does. */
enum doing { ASLEEP, SPINNING, GUEST };
static pthread_t thread;
static int wakes[2];
static volatile bool is_there, must_end;

static void interrupted(int signal)
{
	(void)signal;
}

static void *live(void *argument)
{
	enum doing doing = (enum doing)(uintptr_t)argument;
	char byte;

	stay_on(other);
	is_there = true;
	if (doing == ASLEEP) {
		if (read(wakes[0], &byte, 1) != 1)
			die("sleep");
	} else if (doing == SPINNING) {
		while (!must_end)
			__builtin_ia32_pause();
	} else {
		while (!must_end)
			if (ioctl(second.fd, KVM_RUN, 0) && errno != EINTR)
				die("run a guest");
	}
	return NULL;
}

static void other_begins(enum doing doing)
{
	volatile uint16_t *passes = (volatile uint16_t *)(memory + PASSES_GPA);
	uint16_t begin = doing == GUEST ? *passes : 0;

	is_there = must_end = false;
	if (doing == GUEST)
		second.run->immediate_exit = 0;
	if (pthread_create(&thread, NULL, live, (void *)(uintptr_t)doing))
		die("start a thread");
	while (!is_there || (doing == GUEST && *passes == begin))
		usleep(SETTLE_US / 10);
	usleep(SETTLE_US);
}

static void other_ends(enum doing doing)
{
	must_end = true;
	if (doing == ASLEEP && write(wakes[1], "", 1) != 1)
		die("wake a thread");
	if (doing == GUEST) {
		/* Whether it is in the guest, or about to go there. */
		second.run->immediate_exit = 1;
		pthread_kill(thread, SIGUSR1);
	}
	pthread_join(thread, NULL);
}

static void interrupts(bool running)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return;
	for (int i = 0; i < rounds; i++) {
		uint64_t begin = ticks_now();

		if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
			die("interrupt the other CPU");
		samples[i] = ticks_now() - begin;
	}
	say("interrupt", running, 0, 1);
}

static uint64_t timed_protect(unsigned char *page)
{
	uint64_t begin = ticks_now();

	if (mprotect(page, PAGE, PROT_READ))
		die("protect a page");
	return ticks_now() - begin;
}

static void allow_again(unsigned char *page)
{
	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		die("allow writes again");
}

static void process_flushes(bool running)
{
	unsigned char *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("map a page");
	for (int i = 0; i < rounds; i++) {
		*(volatile unsigned char *)page = i;
		samples[i] = timed_protect(page);
		allow_again(page);
	}
	say("process flush", running, 0, 1);
	munmap(page, PAGE);
}

static struct vcpu new_vcpu(int kvm, int vm, int number, uint64_t at)
{
	struct kvm_regs regs = { .rip = at, .rflags = 2 };
	struct kvm_sregs sregs;
	struct vcpu vcpu;
	int bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	vcpu.fd = ioctl(vm, KVM_CREATE_VCPU, number);
	if (bytes < 0 || vcpu.fd < 0)
		die("create a vCPU");
	vcpu.run = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu.fd, 0);
	if (vcpu.run == MAP_FAILED || ioctl(vcpu.fd, KVM_GET_SREGS, &sregs))
		die("look at a vCPU");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu.fd, KVM_SET_SREGS, &sregs) || ioctl(vcpu.fd, KVM_SET_REGS, &regs))
		die("set a vCPU up");
	return vcpu;
}

static bool new_guest(void)
{
	struct kvm_userspace_memory_region region = { .memory_size = PAGES * PAGE };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	if (kvm < 0)
		return false;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (vm < 0 || memory == MAP_FAILED)
		die("create a VM");
	region.userspace_addr = (uintptr_t)memory;
	if (ioctl(vm, KVM_SET_TSS_ADDR, TSS_GPA) || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		die("give a VM its memory");
	memcpy(memory + READS_GPA, reads, sizeof(reads));
	memcpy(memory + SPINS_GPA, spins, sizeof(spins));
	memcpy(memory + EXITS_GPA, exits, sizeof(exits));
	memory[DATA_GPA] = 1;
	first = new_vcpu(kvm, vm, 0, READS_GPA);
	second = new_vcpu(kvm, vm, 1, SPINS_GPA);
	return true;
}

/* To the guest's next word, which it says by a port. */
static uint64_t timed_run(void)
{
	uint64_t begin = ticks_now();

	while (ioctl(first.fd, KVM_RUN, 0))
		if (errno != EINTR)
			die("run a guest");
	if (first.run->exit_reason != KVM_EXIT_IO) {
		fprintf(stderr, "primitives: the guest ended with exit reason %u\n",
			first.run->exit_reason);
		exit(1);
	}
	return ticks_now() - begin;
}

static void guest_flushes(bool running)
{
	for (int i = 0; i < rounds; i++) {
		timed_run();
		samples[i] = timed_protect(memory + DATA_GPA);
		allow_again(memory + DATA_GPA);
	}
	say("guest flush", running, 0, 1);
}

static void refaults(void)
{
	uint64_t found;

	timed_run();
	for (int i = 0; i < rounds; i++)
		samples[i] = timed_run();
	found = median();
	for (int i = 0; i < rounds; i++) {
		timed_protect(memory + DATA_GPA);
		samples[i] = timed_run();
		allow_again(memory + DATA_GPA);
		timed_run();
	}
	say("refault", false, found, 1);
}

static void vmexits(void)
{
	struct kvm_regs regs = { .rip = EXITS_GPA, .rflags = 2 };

	if (ioctl(first.fd, KVM_SET_REGS, &regs))
		die("set a vCPU up");
	timed_run();
	for (int i = 0; i < rounds; i++)
		samples[i] = timed_run();
	say("vmexit", false, 0, EXITS_A_ROUND);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupted };

	if (argc != 4 || (rounds = atoi(argv[3])) < 1) {
		fprintf(stderr, "usage: primitives CPU OTHER ROUNDS\n");
		return 2;
	}
	other = atoi(argv[2]);
	samples = calloc(rounds, sizeof(*samples));
	if (!samples || pipe(wakes) || sigaction(SIGUSR1, &action, NULL))
		die("begin");
	stay_on(atoi(argv[1]));
	for (int running = 0; running < 2; running++) {
		enum doing doing = running ? SPINNING : ASLEEP;

		other_begins(doing);
		interrupts(running);
		process_flushes(running);
		other_ends(doing);
	}
	if (!new_guest())
		return 0;
	for (int running = 0; running < 2; running++) {
		enum doing doing = running ? GUEST : ASLEEP;

		other_begins(doing);
		guest_flushes(running);
		other_ends(doing);
	}
	refaults();
	rounds = (rounds + 9) / 10; /* each has many */
	vmexits();
	return 0;
}
