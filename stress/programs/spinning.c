// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "spinning.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "files.h"
#include "small_vm.h"

#define MOST 8
#define CODE_GPA 0x2000u
#define PASSES_GPA 0x3000u

/* %esi: where the data begins, %edi: pages, %ebp: where passes are counted. */
__asm__(".pushsection .rodata\n"
	".globl spinning_code, spinning_code_end\n"
	".code32\n"
	"spinning_code:\n"
	"1:	mov %esi, %ebx\n"
	"	mov %edi, %ecx\n"
	"2:	mov (%ebx), %edx\n"
	"	add $0x1000, %ebx\n"
	"	dec %ecx\n"
	"	jnz 2b\n"
	"	incl (%ebp)\n"
	"	jmp 1b\n"
	"spinning_code_end:\n"
	".code64\n"
	".popsection\n");
extern const unsigned char spinning_code[], spinning_code_end[];

static struct vcpu vcpus[MOST];
static uint32_t there;

static void *spin(void *argument)
{
	struct vcpu *vcpu = argument;

	for (;;) {
		if (ioctl(vcpu->fd, KVM_RUN, 0)) {
			if (errno != EINTR)
				die("cannot run a spinning vCPU");
		} else if (vcpu->run->exit_reason != KVM_EXIT_INTR &&
			   vcpu->run->exit_reason != KVM_EXIT_MMIO) { /* the memslot is not there */
			die("a spinning vCPU ended with exit reason %u", vcpu->run->exit_reason);
		}
	}
	return NULL;
}

void spinning_begin(uint32_t count, uint32_t pages)
{
	pthread_t thread;

	if (count > MOST) {
		errno = EINVAL;
		die("cannot have %u spinning vCPUs", count);
	}
	memcpy(control_memory(CODE_GPA), spinning_code, spinning_code_end - spinning_code);
	for (; there < count; there++) {
		struct kvm_regs regs = { .rip = CODE_GPA,
					 .rflags = 2,
					 .rsi = DATA_GPA,
					 .rdi = pages,
					 .rbp = PASSES_GPA + there * sizeof(uint32_t) };

		vcpus[there] = create_vcpu(1 + there, &regs);
		if (pthread_create(&thread, NULL, spin, &vcpus[there]))
			die("cannot start a thread");
	}
}

void spinning_print(void)
{
	const uint32_t *passes = control_memory(PASSES_GPA);
	unsigned long long all = 0;

	for (uint32_t i = 0; i < there; i++)
		all += passes[i];
	printf(" spinning_passes=%llu", all);
}
