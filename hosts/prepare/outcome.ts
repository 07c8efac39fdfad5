// SPDX-License-Identifier: Apache-2.0
/** What became of a host that was to boot another kernel: nothing is believed that it does not say itself. */
import type { ProbedHost } from "../command/facts.ts";

/** What is known when the host has answered, or the time is up. */
export interface AfterRestart {
  /** Before it was told to restart. */
  before: Pick<ProbedHost, "boot_id" | "kernel">;
  /** What `uname -r` is to say. */
  release: string;
  /** As it is now; nothing when it has not answered since. */
  now: Pick<ProbedHost, "boot_id" | "kernel" | "kvm" | "hasSwitch"> | undefined;
  waited_s: number;
}

/** How it ended. */
export interface Verdict {
  /** The kernel runs and trials can be carried out. */
  prepared: boolean;
  /** One sentence's end, behind the name of the host and a colon. */
  says: string;
  /** What to do; nothing where nothing need be done. */
  next?: string;
  /** The old kernel is back, so that the new one's boot has left words behind. */
  fellBack?: boolean;
}

/** Says what has happened. */
export function verdictOn({ before, release, now, waited_s }: AfterRestart): Verdict {
  if (now === undefined) {
    return {
      prepared: false,
      says: `it has not answered for ${waited_s} s since it was restarted with ${release}`,
      next:
        "Look at its console. The boot after this one is the old kernel: switch it off and on, or wait longer " +
        "with --wait",
    };
  }
  if (now.boot_id === before.boot_id) {
    return {
      prepared: false,
      says:
        `it was told to restart and did not within ${waited_s} s: it is still the same boot, of ` +
        `Linux ${now.kernel}`,
      next:
        "Look what holds it: `systemctl list-jobs` there. Once it restarts it boots the new kernel",
    };
  }
  if (now.kernel !== release) {
    return {
      prepared: false,
      fellBack: true,
      says:
        `it has restarted, but runs Linux ${now.kernel} and not ${release}: that one did not come up, or ` +
        "was not chosen",
      next: "What it left behind, if anything, is above",
    };
  }
  const ready = readiness(now);
  if (!ready.prepared) return ready;
  return { ...ready, says: `${ready.says}. Its next boot is ${before.kernel} again` };
}

/** Whether trials can be carried out with the kernel that runs, and which. */
export function readiness(
  { kernel, kvm, hasSwitch }: Pick<ProbedHost, "kernel" | "kvm" | "hasSwitch">,
): Verdict {
  if (kvm !== "there") {
    return {
      prepared: false,
      says: `it runs Linux ${kernel}, but KVM is ${kvm}`,
      next: "Look into its firmware's settings, and at `dmesg | grep kvm` there",
    };
  }
  return {
    prepared: true,
    says: `it runs Linux ${kernel}, with KVM and ${
      hasSwitch
        ? "the switch kvm.change_pte"
        : "without the switch kvm.change_pte: trials of the arm stock alone"
    }`,
  };
}
