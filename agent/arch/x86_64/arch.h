/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent has to know of x86-64 and of KVM for it. */
#ifndef SAMEPAGE_AGENT_ARCH_H
#define SAMEPAGE_AGENT_ARCH_H

#define ARCH_NAME "x86_64"

/* What KVM's tracepoints are called, and the field by which they are counted. */
#define EXIT_EVENT "kvm/kvm_exit"
#define EXIT_KEY "exit_reason"
#define FAULT_EVENT "kvm/kvm_page_fault"
#define FAULT_KEY "error_code"

/* For a probe on a function's first instruction: who called it. */
#define RETURN_ADDRESS "$stack0"

/* The hardware virtualization that the CPU has: "svm", "vmx" or "none". */
const char *arch_virtualization(void);

/* For whoever waits for another CPU. */
static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
}

#endif
