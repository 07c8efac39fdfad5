// SPDX-License-Identifier: Apache-2.0
/** Ways to boot a kernel once, the one that is chosen first where there are several. */
export const ways = ["grub", "systemd-boot", "kexec"] as const;
export type Way = typeof ways[number];
