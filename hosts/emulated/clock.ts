// SPDX-License-Identifier: Apache-2.0
/** The emulated host's clock: time is counted in instructions. */

/**
 * An executed instruction is 2^3 = 8 ns of the host's time; idle time is skipped (the emulator's
 * -icount).
 */
export const icountShift = 3;

/** The TSC then counts nanoseconds. */
export const hostTick_ns = 1;

/** Ticks of the TSC in which one instruction is executed. */
export const ticksAnInstruction = 2 ** icountShift / hostTick_ns;

/**
 * Bochs' ticks a second: an instruction is one of them, which makes it 8 ns there, too. Its TSC counts
 * them.
 */
export const bochsTickHz = 1e9 / 2 ** icountShift;
