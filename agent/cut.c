// SPDX-License-Identifier: Apache-2.0
/*
 * A cut through time: between its begin and its end no guest runs, so that an exit or a fault
 * is in all readings that are taken there, or in none.
 *
 * The agent comes first on its own CPU, by a real-time priority. On each other CPU a thread of its
 * own, a stopper, does the same and keeps the CPU busy until the cut ends. A virtual CPU that runs
 * is made to leave its guest by that, as by any other task that comes before it; its exit is
 * counted to the end before it gives up the CPU, as the kernel takes CPUs away from itself only
 * where it says so (PREEMPT_NONE). On two emulated CPUs, read 40 times while guests touched pages
 * that were merged, the exits by reason and KVM's own count never differed; without the stoppers
 * 12 of 92 sums did, by up to 243. Stopping the VMMs by a signal would do too, but their calls into
 * KVM would then return with an error each time, which is one more kind of exit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arch.h"

#define PRIORITY 1

struct stopper {
	int cpu;
	sem_t wanted;
};

static struct stopper *stoppers;
static atomic_bool holding;
static atomic_int held;

/* The thread alone on the CPU, or where it likes again. */
static void bind_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < cpu_count(); i++)
		if (cpu < 0 || cpu_number(i) == cpu)
			CPU_SET(cpu_number(i), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail(NULL, "cannot bind a thread to a CPU: %s", strerror(errno));
}

static void come_first(bool first)
{
	struct sched_param priority = { .sched_priority = first ? PRIORITY : 0 };

	if (sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &priority))
		fail(NULL, "cannot change the agent's scheduling: %s", strerror(errno));
}

static void *stop(void *argument)
{
	struct stopper *s = argument;

	bind_to(s->cpu);
	come_first(true);
	atomic_fetch_add(&held, 1);
	for (;;) {
		while (sem_wait(&s->wanted))
			;
		atomic_fetch_add(&held, 1);
		while (atomic_load(&holding))
			cpu_relax();
		atomic_fetch_sub(&held, 1);
	}
	return NULL;
}

static void wait_for(int count)
{
	while (atomic_load(&held) != count)
		cpu_relax();
}

void cut_prepare(void)
{
	int cpus = cpu_count();

	if (cpus == 1)
		return;
	stoppers = calloc(cpus, sizeof(*stoppers));
	for (int i = 0; i < cpus; i++) {
		struct stopper *s = &stoppers[i];
		pthread_t thread;

		s->cpu = cpu_number(i);
		sem_init(&s->wanted, 0, 0);
		errno = pthread_create(&thread, NULL, stop, s);
		if (errno)
			fail(NULL, "cannot start a thread: %s", strerror(errno));
	}
	/* All are bound and have their priority. */
	wait_for(cpus);
	atomic_store(&held, 0);
}

void cut_begin(void)
{
	int own, others = 0;

	come_first(true);
	if (!stoppers)
		return;
	own = sched_getcpu();
	bind_to(own);
	atomic_store(&holding, true);
	for (int i = 0; i < cpu_count(); i++) {
		if (stoppers[i].cpu == own)
			continue;
		sem_post(&stoppers[i].wanted);
		others++;
	}
	wait_for(others);
}

void cut_end(void)
{
	if (stoppers) {
		atomic_store(&holding, false);
		wait_for(0);
		bind_to(-1);
	}
	come_first(false);
}
