// SPDX-License-Identifier: Apache-2.0
/*
 * One state from which several trials go on. The agent asks for the checkpoint itself, at a point
 * of its own program, so that the state is the same to the bit on every run. What differs between
 * the trials comes back with the machine: the rest of the plan. Whether the machine was saved and
 * restored or went straight on cannot be seen from inside, and nothing here asks.
 */
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arch.h"
#include "checkpoint.h"

static void *map(int bar, size_t least_bytes)
{
	size_t bytes;
	void *at = pci_map(CHECKPOINT_VENDOR, CHECKPOINT_DEVICE, bar, &bytes);

	if (!at || bytes < least_bytes)
		fail(NULL,
		     "the plan forks after '%s', but this machine has no device for checkpoints",
		     plan_text("fork_after"));
	return at;
}

static uint32_t read_register(volatile uint32_t *registers, int offset)
{
	return registers[offset / sizeof(*registers)];
}

char *checkpoint_take(void)
{
	volatile uint32_t *registers = map(CHECKPOINT_BAR_REGISTERS, CHECKPOINT_REGISTERS_BYTES);
	const char *window = map(CHECKPOINT_BAR_PLAN, CHECKPOINT_PLAN_BYTES);
	char *rest = calloc(1, CHECKPOINT_PLAN_BYTES + 1);

	if (!rest)
		fail(NULL, "no memory for the rest of the plan");
	if (read_register(registers, CHECKPOINT_SIGNATURE) != CHECKPOINT_SIGNATURE_IS)
		fail(NULL, "this machine's device for checkpoints is of another kind");
	registers[CHECKPOINT_TAKE / sizeof(*registers)] = 1;
	/* All of it, whatever it holds: then this takes the same instructions in each trial. */
	memcpy(rest, window, CHECKPOINT_PLAN_BYTES);
	if (!rest[0])
		fail(NULL, "the machine went on from its checkpoint without the rest of the plan");
	return rest;
}
