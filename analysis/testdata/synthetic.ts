// SPDX-License-Identifier: Apache-2.0
/**
 * Made-up run folders for unit tests, in the format of real ones. No number here was measured.
 */
import { dirname, join } from "@std/path";
import { sha256 } from "../../base/digest.ts";
import { closeRecords } from "../../contract/closing_line.ts";
import type { PhaseName } from "../../contract/phases.ts";
import { recordsFormat } from "../../contract/records.ts";
import { type RunFile, runFileName, sealed, type TrialEntry } from "../../contract/run_file.ts";
import { codeOf } from "../../machines/machine.ts";
import { faultCode } from "../../machines/x86_64/pages.ts";
import { MADE_UP_HOST, madeUpEntry, madeUpRun } from "../../contract/testdata/run_file.ts";
import { shadowEvents } from "./shadow_trace.ts";
import { INTRODUCTIONS, packEvents, tracedEvents } from "./trace.ts";

type Line = Record<string, unknown>;
type Settings = Record<string, string | number>;

/** What a made-up trial is to show. Counts are of the phase named, summed over its two guests. */
export interface Shape {
  settings?: Settings;
  /** pages_shared and pages_sharing at the end of `merge`. */
  shared?: number;
  sharing?: number;
  /** Second-level faults in `touch` on absent pages. */
  readRefaults?: number;
  fetchRefaults?: number;
  /** Write faults of guest page-table walks in `touch`. */
  walkFaults?: number;
  /** Second-level PTEs changed in place during `merge`. */
  updated?: number;
  /** Virtual CPUs of each guest, among which its counts are divided; one if not given. */
  vcpus?: number;
  /** Host memory in use before and after merging, MiB. */
  usedMib?: [before: number, after: number];
}

export interface SyntheticTrial extends Shape {
  workload: string;
  arm: string;
  seed: number;
  /** Given: the trial failed with this reason. */
  failure?: string;
  /** With the raw trace of trace.ts. */
  traced?: boolean;
  /** How long it took, and what it took more in each of its phases, s; none of it is in its records. */
  wall_s?: number;
  phaseWall_s?: number;
}

const GUESTS = 2;
const PAGES = 1000;
const PHASES: readonly PhaseName[] = ["boot", "load", "settle", "merge", "touch", "end"];
const S = 1e9;
const BEGIN_S = [0, 4, 6, 7, 12, 14];
const END_S = [4, 6, 7, 12, 14, 14.5];
const READ = faultCode("user", "guestFinal");
const FETCH = faultCode("user", "fetch", "guestFinal");
const WALK = faultCode("present", "write", "user", "guestPageTable");
/** An access to a device: KVM does not count it as a fault of its own. */
const DEVICE = faultCode("present", "write", "user", "reserved", "guestFinal");
/** A code that no manual has. */
const NAMELESS = 57_005;
const DEVICE_ACCESSES = 25;

/** What an experiment says of itself: words that somebody chose, with any character. */
const WORDS = {
  title: "Made-up numbers <for tests>",
  question: "Does the analysis compute what it should?",
};

/** Writes a run folder with the trials given. */
export async function writeSyntheticRun(
  folder: string,
  trials: SyntheticTrial[],
  words: { title: string; question: string } = WORDS,
): Promise<void> {
  const entries: TrialEntry[] = [];
  for (const { wall_s, phaseWall_s = 0, ...trial } of trials) {
    const digest = sha256(JSON.stringify(trial)).slice(0, 8);
    /* A workload's name may have more characters than are wanted in a trial's. */
    const word = trial.workload.replaceAll(/[^A-Za-z0-9]/g, "");
    const id = `${word}-${trial.arm}-s${trial.seed}-${digest}`;
    const records = `trials/${id}.jsonl`;
    const lines = linesOf(trial);
    await write(join(folder, records), closed(lines, trial.failure === undefined));
    entries.push({
      ...madeUpEntry(id, settingsOf(trial)),
      ...{ identity: sha256(JSON.stringify(trial)), block: trial.seed - 1, records },
      status: trial.failure === undefined ? "done" : "failed",
      digest: trial.failure === undefined ? sha256(closed(lines, false)) : null,
      reason: trial.failure ?? null,
      wall_s: wall_s ?? 30 + trial.seed,
      phases_wall_s: { boot: 10 + phaseWall_s, load: 1, settle: 1, merge: 15, touch: 3, end: 0.2 },
    });
  }
  await write(join(folder, runFileName), sealed(runOf(entries, words)));
}

function runOf(trials: TrialEntry[], words: typeof WORDS): RunFile {
  return madeUpRun({
    run: "synthetic-20260101-000000",
    experiment: {
      name: "synthetic",
      ...words,
      factors: { arm: ["off", "on"] },
      phases: [...PHASES],
    },
    command: ["run", "synthetic"],
    git: { revision: "0123456789abcdef", clean: true },
    inputs: { kernel: { digest: sha256("kernel"), version: "linux-source-6.1 6.1.192-2" } },
    machine: { cpu: "Synthetic <CPU>", cores: 2, memory_mib: 24000, os: "Debian GNU/Linux 12" },
    timings_s: { build: 0.2, trials: 290.1, boot: 81, merge: 200, analysis: 3, total: 293.3 },
    digest: sha256("run"),
    trials,
  });
}

function settingsOf({ workload, arm, seed, settings }: SyntheticTrial): Settings {
  const common = { guests: GUESTS, guest_memory_mib: 64, mmu: "npt", thp: "never", kernel: "6.1" };
  return { workload, arm, seed, ...common, pages_to_scan: 2000, touch_rounds: 2, ...settings };
}

/** The lines of a trial, without the closing one. */
export function linesOf(trial: SyntheticTrial): Line[] {
  const plan = { format: recordsFormat, workload: trial.workload, guests: GUESTS };
  const lines: Line[] = [
    at(0, "boot", { kind: "host", ...MADE_UP_HOST }),
    at(0, "boot", { kind: "plan", ...plan }),
  ];
  if (trial.traced) {
    const raw = [
      ...INTRODUCTIONS,
      packEvents(trial.settings?.mmu === "shadow" ? shadowEvents() : tracedEvents()),
    ];
    lines.push(...raw.map((line) => at(0, "boot", line)));
  }
  PHASES.forEach((phase, index) => {
    const [begin, end] = [BEGIN_S[index] ?? 0, END_S[index] ?? 0];
    lines.push(at(begin, phase, { kind: "phases", event: "begin" }));
    if (phase === "merge") lines.push(...mergeScans(trial));
    if (phase === "touch" || phase === "load") lines.push(...touches(trial, phase, end));
    lines.push(...snapshots(trial, phase, index, end));
    lines.push(at(end, phase, { kind: "phases", event: "end" }));
    if (phase === "touch" && trial.failure !== undefined) {
      lines.push(
        at(end, phase, { kind: "failures", reason: trial.failure, guest: 1, console: CONSOLE }),
      );
    }
  });
  return lines;
}

const CONSOLE = "[    4.2] Kernel panic <not syncing>\n[    4.2] ---[ end ]---";

function at(t_s: number, phase: string, rest: Line): Line {
  return { t_ns: Math.round(t_s * S), phase, ...rest };
}

function ksm(t_s: number, phase: string, scans: number, shared: number, sharing: number): Line {
  const state = { run: scans > 0 ? 1 : 0, pages_to_scan: 2000, sleep_millisecs: 20 };
  const counts = { full_scans: scans, pages_shared: shared, pages_sharing: sharing };
  return at(t_s, phase, { kind: "ksm", ...counts, ...state, pages_unshared: 50, new_counter: 7 });
}

/** Sharing grows to its end in five full scans. */
function mergeScans({ shared = 300, sharing = 700, seed }: SyntheticTrial): Line[] {
  return [1, 2, 3, 4, 5].map((scan) => {
    const part = 1 - 0.5 ** scan / (1 + seed / 10);
    return ksm(
      7 + scan * 0.9,
      "merge",
      scan,
      Math.round(shared * part),
      Math.round(sharing * part),
    );
  });
}

function snapshots(trial: SyntheticTrial, phase: string, index: number, end_s: number): Line[] {
  const { shared = 300, sharing = 700, readRefaults = 0, fetchRefaults = 0 } = trial;
  const { walkFaults = 40, updated = 0, usedMib = [200, 120] } = trial;
  const [merged, touched] = [index >= 3, index >= 4];
  const used = merged ? usedMib[1] : usedMib[0];
  const host = { MemTotal_kib: 512 * 1024, MemFree_kib: (512 - used) * 1024 };
  const lines = [
    merged ? ksm(end_s, phase, 6, shared, sharing) : ksm(end_s, phase, 0, 0, 0),
    at(end_s, phase, { kind: "memory", scope: "host", ...host }),
    at(end_s, phase, { kind: "cpu", task: "ksmd", run_ns: merged ? 2.5 * S : 0 }),
  ];
  for (let guest = 0; guest < GUESTS; guest++) {
    const share = (count: number) => guest === 0 ? Math.ceil(count / 2) : Math.floor(count / 2);
    const faults = [
      [READ, 5000 + (touched ? share(readRefaults) : 0)],
      [WALK, 90 + (touched ? share(walkFaults) : 0)],
      [DEVICE, DEVICE_ACCESSES],
      // Not seen before the touch phase: an absent key counts as 0.
      ...(touched && fetchRefaults > 0 ? [[FETCH, share(fetchRefaults)]] : []),
    ] as [number, number][];
    const npf = faults.reduce((sum, [, count]) => sum + count, 0);
    const exits = [
      [codeOf("svm", "NPF"), npf],
      [codeOf("svm", "INTR"), 800 * (index + 1)],
      [codeOf("svm", "HLT"), 100 * (index + 1) + trial.seed],
      [codeOf("svm", "IOIO"), 21_000],
      [NAMELESS, 3],
    ] as [number, number][];
    const total = exits.reduce((sum, [, count]) => sum + count, 0);
    lines.push(
      at(end_s, phase, {
        kind: "memory",
        scope: "guest",
        guest,
        Pss_kib: used * 256,
        Rss_kib: 60000,
      }),
      ...exits.flatMap(([reason_code, count]) =>
        divided(count, trial).map((count, vcpu) =>
          at(end_s, phase, { kind: "exits", guest, vcpu, reason_code, count })
        )
      ),
      ...faults.flatMap(([error_code, count]) =>
        divided(count, trial).map((count, vcpu) =>
          at(end_s, phase, { kind: "faults", guest, vcpu, error_code, count })
        )
      ),
      ...divided(S * (index + 1), trial).map((run_ns, vcpu) =>
        at(end_s, phase, { kind: "cpu", task: "vcpu", guest, vcpu, run_ns })
      ),
      at(end_s, phase, {
        kind: "kvm_stats",
        guest,
        exits: total,
        pf_taken: npf - DEVICE_ACCESSES,
        pages_4k: 9000 - 100 * index,
      }),
      at(end_s, phase, {
        ...{ kind: "mapped", guest, updated: merged ? share(updated) : 0 },
        ...{ zapped: 0, missed: merged ? 5 : 0, unmapped: 0 },
      }),
    );
  }
  lines.push(at(end_s, phase, { kind: "something_new", level: "unknown to this version" }));
  return lines;
}

/** A counter as those of the virtual CPUs, which together are as much: the first has the larger part. */
function divided(count: number, { vcpus = 1 }: SyntheticTrial): number[] {
  const part = Math.floor(count / (vcpus + 1));
  return Array.from({ length: vcpus }, (_, vcpu) => vcpu === 0 ? count - part * (vcpus - 1) : part);
}

/** A refault costs 20,000 ticks and an ordinary touch 12; the first round pays for the refaults. */
function touches(trial: SyntheticTrial, phase: string, end_s: number): Line[] {
  const { readRefaults = 0, fetchRefaults = 0 } = trial;
  const refaults = Math.min(PAGES, Math.round((readRefaults + fetchRefaults) / GUESTS));
  const unit = trial.workload === "kernels" ? "operation" : "page";
  const rounds = phase === "load" ? [0] : [1, 2];
  return rounds.flatMap((round) =>
    Array.from({ length: GUESTS }, (_, guest) => {
      const slow = round === 1 ? refaults : 0;
      const histogram = Array(16).fill(0);
      histogram[3] = PAGES - slow;
      histogram[14] = slow;
      return at(end_s - 0.1, phase, {
        ...{ kind: "touch", guest, round, pages: PAGES, unit, histogram },
        ...{ ticks: slow * 20_000 + (PAGES - slow) * 12, checksum: "00ff00ff00ff00ff" },
      });
    })
  );
}

/** Packs lines into the bytes of a records file, with the closing line if the trial is finished. */
export function closed(lines: readonly Line[], finished = true): Uint8Array<ArrayBuffer> {
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  const body = new TextEncoder().encode(text);
  return finished ? new Uint8Array(closeRecords(body).bytes) : body;
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
}
