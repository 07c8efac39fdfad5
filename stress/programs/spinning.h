/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual CPUs beside the one that carries out tables, for flushes to interrupt. */
#ifndef SAMEPAGE_SPINNING_H
#define SAMEPAGE_SPINNING_H

#include <stdint.h>

/*
 * After create_vm(), once: each reads a word of every page of the data, over and over, until
 * the process ends. What is read is not looked at.
 */
void spinning_begin(uint32_t vcpus, uint32_t pages);

/* As " name=value": how often all of them together have gone through all pages. */
void spinning_print(void);

#endif
