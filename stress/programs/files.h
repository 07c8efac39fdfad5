/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of checks share: small files of /proc and /sys, and an end with a reason. */
#ifndef SAMEPAGE_FILES_H
#define SAMEPAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KSM "/sys/kernel/mm/ksm/"

/* Says why, with what errno means, and ends with status 2: nothing was checked. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void write_file(const char *path, const void *data, size_t bytes);
void write_text(const char *path, const char *text);
void read_text(const char *path, char *text, size_t bytes);

/* Zero and false if there is no such file. */
bool read_number(const char *path, uint64_t *value);

#endif
