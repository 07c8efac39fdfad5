// SPDX-License-Identifier: Apache-2.0
import { ofClass, type Reason, type ReasonClass } from "../reason.ts";
import { EXCEPTIONS } from "./exceptions.ts";

/** Sixteen registers' reasons, from the code of register 0. */
function registers(first: number, register: string, what: string): Reason[] {
  return Array.from({ length: 16 }, (_, number) => ({
    code: first + number,
    name: `${register}${number}_${what}`,
    class: "emulation",
  }));
}

const exceptions = EXCEPTIONS.map((name, vector): Reason => ({
  code: 0x40 + vector,
  name: `EXCEPTION_${name}`,
  class: "exception",
  ...(name === "PF" ? { faultOf: "shadow" } : {}),
}));

const byClass: Partial<Record<ReasonClass, Readonly<Record<number, string>>>> = {
  interrupt: { 0x60: "INTR", 0x61: "NMI" },
  window: { 0x64: "VINTR", 0x74: "IRET" },
  halt: { 0x78: "HLT", 0x8b: "MWAIT", 0x8c: "MWAIT_CONDITIONAL" },
  pause: { 0x77: "PAUSE" },
  io: { 0x7b: "IOIO" },
  hypercall: { 0x81: "VMMCALL", 0x403: "VMGEXIT" },
  msr: { 0x7c: "MSR" },
  cpuid: { 0x72: "CPUID" },
  apic: { 0x401: "AVIC_INCOMPLETE_IPI", 0x402: "AVIC_NOACCEL" },
  emulation: {
    ...{ 0x65: "CR0_SEL_WRITE", 0x66: "IDTR_READ", 0x67: "GDTR_READ", 0x68: "LDTR_READ" },
    ...{ 0x69: "TR_READ", 0x6a: "IDTR_WRITE", 0x6b: "GDTR_WRITE", 0x6c: "LDTR_WRITE" },
    ...{ 0x6d: "TR_WRITE", 0x6e: "RDTSC", 0x6f: "RDPMC", 0x70: "PUSHF", 0x71: "POPF" },
    ...{ 0x75: "SWINT", 0x76: "INVD", 0x79: "INVLPG", 0x7a: "INVLPGA", 0x7d: "TASK_SWITCH" },
    ...{ 0x7e: "FERR_FREEZE", 0x87: "RDTSCP", 0x88: "ICEBP", 0x89: "WBINVD", 0x8a: "MONITOR" },
    ...{ 0x8d: "XSETBV", 0x8e: "RDPRU", 0x8f: "EFER_WRITE_TRAP", 0xa0: "INVLPGB" },
    ...{ 0xa1: "INVLPGB_ILLEGAL", 0xa2: "INVPCID", 0xa3: "MCOMMIT", 0xa4: "TLBSYNC" },
  },
  nested: {
    ...{ 0x80: "VMRUN", 0x82: "VMLOAD", 0x83: "VMSAVE", 0x84: "STGI", 0x85: "CLGI" },
    ...{ 0x86: "SKINIT" },
  },
  other: { 0x62: "SMI", 0x63: "INIT", 0x73: "RSM", 0x7f: "SHUTDOWN", 0xa5: "BUSLOCK" },
};

/** AMD64 Architecture Programmer's Manual vol. 2, appendix C, "SVM Intercept Exit Codes". */
export const SVM_REASONS: readonly Reason[] = [
  ...registers(0x00, "CR", "READ"),
  ...registers(0x10, "CR", "WRITE"),
  ...registers(0x20, "DR", "READ"),
  ...registers(0x30, "DR", "WRITE"),
  ...exceptions,
  ...registers(0x90, "CR", "WRITE_TRAP"),
  ...Object.entries(byClass).flatMap(([kind, names]) => ofClass(kind as ReasonClass, names)),
  { code: 0x400, name: "NPF", class: "fault" as const, faultOf: "nested" as const },
].sort((a, b) => a.code - b.code);
