/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest's own parts share, but no workload uses. */
#ifndef SAMEPAGE_INTERNAL_H
#define SAMEPAGE_INTERNAL_H

/* What failed() was told last. */
const char *failure(void);

/* Takes "NAME=VALUE NAME=VALUE" from the plan. 0 or -1. */
int read_params(char *words);

/*
 * Whether the guest's kernel has complained since it booted: writes what it said to @to, for the
 * agent to show. 0 if it has not, or -1.
 */
int health_check(int to);

/*
 * For a guest that is a plain process of the host: opens the pipes CHANNEL.in and CHANNEL.out and
 * makes ready to offer memory to KSM as @carrier says: "madvise", "prctl" or "mapping". 0 or -1.
 */
int process_begin(const char *channel, const char *carrier, int *from, int *to);

#endif
