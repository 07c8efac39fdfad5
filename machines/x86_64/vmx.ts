// SPDX-License-Identifier: Apache-2.0
import { ofClass, type Reason, type ReasonClass } from "../reason.ts";

const byClass: Partial<Record<ReasonClass, Readonly<Record<number, string>>>> = {
  interrupt: { 1: "EXTERNAL_INTERRUPT", 52: "PREEMPTION_TIMER" },
  window: { 7: "INTERRUPT_WINDOW", 8: "NMI_WINDOW" },
  halt: { 12: "HLT", 36: "MWAIT", 67: "UMWAIT", 68: "TPAUSE" },
  pause: { 40: "PAUSE" },
  io: { 30: "IO_INSTRUCTION" },
  hypercall: { 18: "VMCALL", 77: "TDCALL" },
  msr: {
    ...{ 31: "MSR_READ", 32: "MSR_WRITE", 78: "MSR_READ_LIST", 79: "MSR_WRITE_LIST" },
    ...{ 80: "USER_MSR_READ", 81: "USER_MSR_WRITE", 84: "MSR_READ_IMM", 85: "MSR_WRITE_IMM" },
  },
  cpuid: { 10: "CPUID" },
  apic: {
    ...{ 43: "TPR_BELOW_THRESHOLD", 44: "APIC_ACCESS", 45: "VIRTUALIZED_EOI" },
    ...{ 56: "APIC_WRITE" },
  },
  emulation: {
    ...{ 9: "TASK_SWITCH", 11: "GETSEC", 13: "INVD", 14: "INVLPG", 15: "RDPMC", 16: "RDTSC" },
    ...{ 28: "CR_ACCESS", 29: "DR_ACCESS", 37: "MONITOR_TRAP_FLAG", 39: "MONITOR" },
    ...{ 46: "GDTR_IDTR_ACCESS", 47: "LDTR_TR_ACCESS", 51: "RDTSCP", 54: "WBINVD" },
    ...{ 55: "XSETBV", 57: "RDRAND", 58: "INVPCID", 60: "ENCLS", 61: "RDSEED", 63: "XSAVES" },
    ...{ 64: "XRSTORS", 65: "PCONFIG", 69: "LOADIWKEY", 70: "ENCLV", 72: "ENQCMD_PASID" },
    ...{ 73: "ENQCMDS_PASID" },
  },
  nested: {
    ...{ 19: "VMCLEAR", 20: "VMLAUNCH", 21: "VMPTRLD", 22: "VMPTRST", 23: "VMREAD" },
    ...{ 24: "VMRESUME", 25: "VMWRITE", 26: "VMXOFF", 27: "VMXON", 50: "INVEPT" },
    ...{ 53: "INVVPID", 59: "VMFUNC" },
  },
  other: {
    ...{ 2: "TRIPLE_FAULT", 3: "INIT_SIGNAL", 4: "SIPI_SIGNAL", 5: "IO_SMI", 6: "OTHER_SMI" },
    ...{ 17: "RSM", 33: "INVALID_STATE", 34: "MSR_LOAD_FAIL", 41: "MCE_DURING_VMENTRY" },
    ...{ 62: "PML_FULL", 66: "SPP_EVENT", 74: "BUS_LOCK", 75: "NOTIFY", 76: "SEAMCALL" },
  },
};

/**
 * Intel SDM vol. 3, appendix C, "VMX Basic Exit Reasons", under the names that KVM prints where it has
 * one. A guest's #PF with shadow paging comes as an exception, like all others.
 */
export const VMX_REASONS: readonly Reason[] = [
  ...Object.entries(byClass).flatMap(([kind, names]) => ofClass(kind as ReasonClass, names)),
  { code: 0, name: "EXCEPTION_NMI", class: "exception" as const, faultOf: "shadow" as const },
  { code: 48, name: "EPT_VIOLATION", class: "fault" as const, faultOf: "nested" as const },
  { code: 49, name: "EPT_MISCONFIG", class: "fault" as const, faultOf: "nested" as const },
].sort((a, b) => a.code - b.code);

/** Bits 0 to 15 of an exit reason; the others say how the guest was left, or not entered. */
export const VMX_BASIC_REASON = 0xffff;
