/* SPDX-License-Identifier: Apache-2.0 */
/* How long the locks that merging takes were held, on a kernel that counts it (CONFIG_LOCK_STAT). */
#ifndef SAMEPAGE_LOCKS_H
#define SAMEPAGE_LOCKS_H

/* Begins to count, from zero. */
void locks_begin(void);

/* As " name=value", for each of them how often it was taken, and the sum and the longest of its times. */
void locks_print(void);

#endif
