// SPDX-License-Identifier: Apache-2.0
/**
 * Exceptions by vector: Intel SDM vol. 3, table 6-1; AMD64 Architecture Programmer's Manual vol. 2,
 * table 8-1, which has HV, VC and SX besides.
 */
export const EXCEPTIONS: readonly string[] = [
  ...["DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "9", "TS", "NP", "SS", "GP", "PF"],
  ...["15", "MF", "AC", "MC", "XF", "20", "CP", "22", "23", "24", "25", "26", "27", "HV", "VC"],
  ...["SX", "31"],
];
