// SPDX-License-Identifier: Apache-2.0
/**
 * The seam between the bench, which knows what is to be measured, and the places where that is done.
 * A kind of host is a folder beside this file with a `mod.ts` (see kinds.ts); how several of them are
 * had is a fleet's business (see fleet.ts).
 */
import type { InputDigests, Trial } from "../contract/trial.ts";
import type { Settings } from "../contract/settings.ts";

/** What a host is, as far as somebody has to know who plans trials for it. */
export interface HostFacts {
  /** Such as "x86_64". */
  arch: string;
  /** Whose virtualization it has: "svm" or "vmx". */
  vendor: string;
  /** Lines of kernels that it can boot or runs. */
  kernels: readonly string[];
  /** Most CPUs that it can have. */
  cpus: number;
  /** Size of its smallest page. */
  page_bytes: number;
  /** Whether its kernel can have the switch that the arms set. */
  hasSwitch: boolean;
}

/** What a failed trial leaves to look at. */
export interface Evidence {
  /** All that the host's kernel said. */
  console?: string;
  /** What the program said that is the host. */
  emulator?: string;
}

/** How a trial ended. */
export type Outcome =
  /** The agent said that it is done, and nobody complained. */
  | {
    ended: "done";
    records: Uint8Array;
    instructions: number | undefined;
    /** Wall time where it was carried out, if it waited for that in somebody else's queue. */
    wall_s?: number;
  }
  /** It was carried out, and is not to be trusted. Records: what there is, without a closing line. */
  | {
    ended: "failed";
    records: Uint8Array;
    reason: string;
    instructions: number | undefined;
    evidence?: Evidence;
    wall_s?: number;
  }
  /** The lab was told to stop. */
  | { ended: "interrupted" }
  /** The host is gone, which says nothing of the trial: another host may carry it out. */
  | { ended: "lost"; reason: string };

/** A place where trials are carried out: an emulated machine, this one, another. */
export interface Host {
  /** For people: which of a fleet it is. */
  readonly name: string;
  /** Whether counts repeat to the digit. */
  readonly exact: boolean;
  /** What it is. */
  facts(): Promise<HostFacts>;
  /** Why these settings cannot be carried out here, as the end of a sentence; nothing if they can. */
  objection(settings: Settings): string | undefined;
  /** Digests of all that the records of such a trial depend on. */
  inputsOf(settings: Settings): InputDigests;
  /**
   * Carries out one trial.
   *
   * @param onRecords called with whole lines as they appear
   * @param signal ends it early
   * @throws {LabError} when it cannot be begun: no program; {@linkcode NoRoom} when a disk is full, be it
   * in the midst of it: the trial then is still to be carried out.
   */
  carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome>;
}
