// SPDX-License-Identifier: Apache-2.0
/** Exit reasons by the names that perf, bcc and the kernel's tracepoints give them. */
import { type Reason } from "../machines/reason.ts";
import { reasons, type Vendor, vendors } from "../machines/machine.ts";

/** Names that differ from the lab's: of arch/x86/include/uapi/asm/vmx.h and svm.h, and of bcc's kvmexit. */
const others: Readonly<Record<Vendor, Readonly<Record<string, string>>>> = {
  vmx: {
    ...{ PAUSE_INSTRUCTION: "PAUSE", MWAIT_INSTRUCTION: "MWAIT", EOI_INDUCED: "VIRTUALIZED_EOI" },
    ...{ MONITOR_INSTRUCTION: "MONITOR", GDTR_IDTR: "GDTR_IDTR_ACCESS", LDTR_TR: "LDTR_TR_ACCESS" },
    ...{ VMOFF: "VMXOFF", VMON: "VMXON", PENDING_INTERRUPT: "INTERRUPT_WINDOW" },
    ...{ NMI_WINDOW: "NMI_WINDOW", EPT_MISCONFIGURATION: "EPT_MISCONFIG" },
    ...{ VMX_PREEMPTION_TIMER: "PREEMPTION_TIMER" },
  },
  svm: {
    ...{ INTERRUPT: "INTR", IO: "IOIO", SHUTDOWN_INTERCEPTION: "SHUTDOWN", PF: "EXCEPTION_PF" },
    ...{ PF_EXCP: "EXCEPTION_PF", TASK_SWITCH: "TASK_SWITCH", WRITE_CR0_SEL: "CR0_SEL_WRITE" },
    ...{ AVIC_UNACCELERATED_ACCESS: "AVIC_NOACCEL", CR0_SEL_WRITE: "CR0_SEL_WRITE" },
  },
};

const byName = Object.fromEntries(
  vendors.map((vendor) => [vendor, new Map(reasons[vendor].map((one) => [one.name, one]))]),
) as Record<Vendor, Map<string, Reason>>;

/** "EXIT_REASON_HLT", "SVM_EXIT_HLT", "VMEXIT_hlt" as HLT; "write_cr3" as CR3_WRITE. */
function plain(name: string): string {
  const bare = name.toUpperCase().replace(/^(EXIT_REASON|SVM_EXIT|VMX_EXIT|VMEXIT|KVM_EXIT)_/, "");
  return bare.replace(/^(READ|WRITE)_([CD]R\d+)$/, "$2_$1").replace(/^EXCP_?BASE$/, "EXCEPTION_DE");
}

/** The reason of that name of a vendor's processors. */
export function reasonNamed(vendor: Vendor, name: string): Reason | undefined {
  const bare = plain(name);
  return byName[vendor].get(Object.hasOwn(others[vendor], bare) ? others[vendor][bare]! : bare);
}

/**
 * The vendor whose reasons these are. Of names that both have (HLT, CPUID) nothing is known.
 *
 * @returns nothing where they tell nothing, or where they are of both
 */
export function vendorOf(names: Iterable<string>): Vendor | undefined {
  const only = new Set<Vendor>();
  for (const name of new Set(names)) {
    const known = vendors.filter((vendor) => reasonNamed(vendor, name) !== undefined);
    if (known.length === 1) only.add(known[0]!);
  }
  return only.size === 1 ? [...only][0] : undefined;
}
