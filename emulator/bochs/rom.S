/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware of the emulated machine. It does what a loader does that boots a kernel by PVH: enter
 * 32-bit protected mode with flat segments and jump to the kernel with the address of its start info
 * in EBX. Kernel, start info and archive lie in memory already (hosts/emulated/ram_image.ts), which
 * also holds the entry point, just below the start info.
 *
 * 64 KiB: the processor begins 16 bytes below its end, and sees the same at 0xf0000. The second half
 * is left for the MP table (mp_table.ts).
 */
#define ROM 0xf0000
#define START_INFO 0x6000
#define ENTRY (START_INFO - 16)

/* Offsets of the descriptors below. */
#define CODE 0x08
#define DATA 0x10

	.code16
	.globl _start
_start:
	cli
	lgdtl %cs:gdt_register
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $CODE, $(ROM + protected_mode)

	.code32
protected_mode:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl $START_INFO, %ebx
	jmp *ENTRY

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9a000000ffff /* code: base 0, 4 GiB, 32 bits */
	.quad 0x00cf92000000ffff /* data: the same */
gdt_register:
	.word . - gdt - 1
	.long ROM + gdt

	/* Where the processor begins, after a reset. */
	.org 0xfff0, 0xff
	.code16
	ljmp $(ROM >> 4), $_start
	.org 0x10000, 0xff
