/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that is a plain process of the host. */
#ifndef SAMEPAGE_PROCESS_H
#define SAMEPAGE_PROCESS_H

/*
 * Opens the pipes CHANNEL.in and CHANNEL.out and makes ready to offer memory to KSM as
 * @carrier says: "madvise", "prctl" or "mapping". 0 or -1.
 */
int process_begin(const char *channel, const char *carrier, int *from, int *to);

#endif
