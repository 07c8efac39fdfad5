/** The processors whose exit codes the records may hold. */
export type Vendor = "svm" | "vmx";

/** Exceptions by vector, AMD64 Architecture Programmer's Manual vol. 2, table 8-1. */
const EXCEPTIONS = [
  ...["DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "9", "TS", "NP", "SS", "GP", "PF"],
  ...["15", "MF", "AC", "MC", "XF", "20", "CP", "22", "23", "24", "25", "26", "27", "HV", "VC"],
  ...["SX", "31"],
];

/** Names without a pattern, in the order of their codes, from 0x60. */
const FROM_0X60 = [
  ...["INTR", "NMI", "SMI", "INIT", "VINTR", "CR0_SEL_WRITE", "IDTR_READ", "GDTR_READ"],
  ...["LDTR_READ", "TR_READ", "IDTR_WRITE", "GDTR_WRITE", "LDTR_WRITE", "TR_WRITE", "RDTSC"],
  ...["RDPMC", "PUSHF", "POPF", "CPUID", "RSM", "IRET", "SWINT", "INVD", "PAUSE", "HLT", "INVLPG"],
  ...["INVLPGA", "IOIO", "MSR", "TASK_SWITCH", "FERR_FREEZE", "SHUTDOWN", "VMRUN", "VMMCALL"],
  ...["VMLOAD", "VMSAVE", "STGI", "CLGI", "SKINIT", "RDTSCP", "ICEBP", "WBINVD", "MONITOR"],
  ...["MWAIT", "MWAIT_CONDITIONAL", "XSETBV", "RDPRU", "EFER_WRITE_TRAP"],
];

const FROM_0XA0 = ["INVLPGB", "INVLPGB_ILLEGAL", "INVPCID", "MCOMMIT", "TLBSYNC", "BUSLOCK"];
const FROM_0X400 = ["NPF", "AVIC_INCOMPLETE_IPI", "AVIC_NOACCEL", "VMGEXIT"];

function numbered(first: number, names: Iterable<string>): [number, string][] {
  return [...names].map((name, index) => [first + index, name]);
}

function registers(suffix: string, register: string): string[] {
  return Array.from({ length: 16 }, (_, index) => `${register}${index}_${suffix}`);
}

/** AMD64 Architecture Programmer's Manual vol. 2, appendix C, "SVM Intercept Exit Codes". */
const SVM = new Map<number, string>([
  ...numbered(0x00, registers("READ", "CR")),
  ...numbered(0x10, registers("WRITE", "CR")),
  ...numbered(0x20, registers("READ", "DR")),
  ...numbered(0x30, registers("WRITE", "DR")),
  ...numbered(0x40, EXCEPTIONS.map((name) => `EXCEPTION_${name}`)),
  ...numbered(0x60, FROM_0X60),
  ...numbered(0x90, registers("WRITE_TRAP", "CR")),
  ...numbered(0xa0, FROM_0XA0),
  ...numbered(0x400, FROM_0X400),
]);

/**
 * Exit codes and their names, by vendor. VMX (Intel SDM vol. 3, appendix C) has its place here and
 * no names yet: its codes stay numbers until a host that produces them can be measured.
 */
export const reasons: Readonly<Record<Vendor, ReadonlyMap<number, string>>> = {
  svm: SVM,
  vmx: new Map(),
};

/** The manual's name of an exit code, or null: a code without a name stays a number. */
export function reasonName(vendor: Vendor, code: number): string | null {
  return reasons[vendor].get(code) ?? null;
}
