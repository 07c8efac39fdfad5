/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator's device for checkpoints as the agent sees it: hw/misc/lab-checkpoint.c there. */
#ifndef SAMEPAGE_CHECKPOINT_H
#define SAMEPAGE_CHECKPOINT_H

#define CHECKPOINT_VENDOR 0x1234
#define CHECKPOINT_DEVICE 0x4c43

/* BAR 0: registers of 32 bits, by their offsets. */
#define CHECKPOINT_BAR_REGISTERS 0
#define CHECKPOINT_REGISTERS_BYTES 4096
/* Reads as CHECKPOINT_SIGNATURE_IS. */
#define CHECKPOINT_SIGNATURE 0x00
#define CHECKPOINT_SIGNATURE_IS 0x314b4843
/* A write asks for a checkpoint, behind this very instruction. */
#define CHECKPOINT_TAKE 0x08

/* BAR 2: the rest of the plan, "key value" lines and then zeroes. */
#define CHECKPOINT_BAR_PLAN 2
#define CHECKPOINT_PLAN_BYTES 65536

#endif
