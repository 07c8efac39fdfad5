// SPDX-License-Identifier: Apache-2.0
/** Processors that hosts can have, by architecture and vendor: what their codes mean. */
import type { Paging, Reason } from "./reason.ts";
import { errorCodeOfQualification } from "./x86_64/ept.ts";
import { SVM_REASONS } from "./x86_64/svm.ts";
import { VMX_BASIC_REASON, VMX_REASONS } from "./x86_64/vmx.ts";

/** Architectures whose records can be read. */
export const architectures = ["x86_64"] as const;
/** An architecture. */
export type Architecture = typeof architectures[number];

/** Kinds of virtualization in hardware: AMD's SVM and Intel's VMX. */
export const vendors = ["svm", "vmx"] as const;
/** A kind of virtualization. */
export type Vendor = typeof vendors[number];

/** What codes depend on. */
export interface Processor {
  /** Whose it is; null if that is not known. */
  vendor: Vendor | null;
  /** How the host maps its guests' memory on it. */
  paging: Paging;
}

/** KVM's error code of a second-level fault, from the number that it records on such a processor. */
export function errorCodeOf({ vendor, paging }: Processor, recorded: number): number {
  return vendor === "vmx" && paging === "nested" ? errorCodeOfQualification(recorded) : recorded;
}

/** Exit reasons by vendor, in the order of their codes. */
export const reasons: Readonly<Record<Vendor, readonly Reason[]>> = {
  svm: SVM_REASONS,
  vmx: VMX_REASONS,
};

const byCode = Object.fromEntries(
  vendors.map((vendor) => [vendor, new Map(reasons[vendor].map((each) => [each.code, each]))]),
) as Record<Vendor, Map<number, Reason>>;

/** What an exit code says, or nothing: a code without a name stays a number. */
export function reasonOf(vendor: Vendor, code: number): Reason | undefined {
  return byCode[vendor].get(vendor === "vmx" ? code & VMX_BASIC_REASON : code);
}

/**
 * The code of a reason by its name.
 *
 * @throws {Error} If the vendor has no reason of that name.
 */
export function codeOf(vendor: Vendor, name: string): number {
  const found = reasons[vendor].find((each) => each.name === name);
  if (found === undefined) throw new Error(`${vendor} has no exit reason "${name}"`);
  return found.code;
}
