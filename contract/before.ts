// SPDX-License-Identifier: Apache-2.0
/** How a host stood before a trial that is measured in time. */

/**
 * The phase of records from before the first one. Counters that run since the host was started, its
 * events, interrupts and ksmd's time, count from there; without such records, from 0.
 */
export const BEFORE = "before";
