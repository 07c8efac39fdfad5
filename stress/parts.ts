// SPDX-License-Identifier: Apache-2.0
/** The parts of `lab stress`. */
export const stressParts = ["notifiers", "merging", "guests", "debug", "selftests"] as const;

export type StressPart = typeof stressParts[number];
