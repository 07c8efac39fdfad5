/* SPDX-License-Identifier: Apache-2.0 */
/* What guests have to know of x86-64. */
#ifndef SAMEPAGE_GUEST_ARCH_H
#define SAMEPAGE_GUEST_ARCH_H

#include <elf.h>

/* The smallest page, which is what KSM merges. */
#define PAGE_BYTES 4096

/* A relocation that needs no symbol: base plus addend. */
#define RELOCATION_RELATIVE R_X86_64_RELATIVE

#endif
