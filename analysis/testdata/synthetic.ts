/**
 * Made-up run folders for unit tests, in the format of real ones. No number here was measured.
 */
import { dirname, join } from "@std/path";
import { sha256 } from "../../base/digest.ts";
import { shadowEvents } from "./shadow_trace.ts";
import { INTRODUCTIONS, packEvents, tracedEvents } from "./trace.ts";

type Line = Record<string, unknown>;
type Settings = Record<string, string | number | boolean>;

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
}

const GUESTS = 2;
const PAGES = 1000;
const PHASES = ["boot", "load", "settle", "merge", "touch", "end"];
const S = 1e9;
const BEGIN_S = [0, 4, 6, 7, 12, 14];
const END_S = [4, 6, 7, 12, 14, 14.5];
const READ = 0x1_0000_0004;
const FETCH = 0x1_0000_0014;
const WALK = 0x2_0000_0007;
/** An access to a device: KVM does not count it as a fault of its own. */
const DEVICE = 0x1_0000_000f;
const DEVICE_ACCESSES = 25;

/** Writes a run folder with the trials given. */
export async function writeSyntheticRun(folder: string, trials: SyntheticTrial[]): Promise<void> {
  const entries = [];
  for (const trial of trials) {
    const id = `${trial.workload}-${trial.arm}-s${trial.seed}-${
      sha256(JSON.stringify(trial)).slice(0, 8)
    }`;
    const records = `trials/${id}.jsonl`;
    const bytes = closed(linesOf(trial), trial.failure === undefined);
    await write(join(folder, records), bytes);
    entries.push({
      ...{ id, identity: sha256(JSON.stringify(trial)), block: trial.seed - 1, records },
      settings: settingsOf(trial),
      status: trial.failure === undefined ? "done" : "failed",
      digest: trial.failure === undefined
        ? sha256(bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1))
        : null,
      reason: trial.failure ?? null,
      wall_s: 30 + trial.seed,
      phases_wall_s: { boot: 10, load: 1, settle: 1, merge: 15, touch: 3, end: 0.2 },
    });
  }
  await write(join(folder, "run.json"), JSON.stringify(runOf(entries), null, 2));
}

function runOf(trials: unknown[]): Line {
  return {
    format: 1,
    run: "synthetic-20260101-000000",
    experiment: {
      name: "synthetic",
      title: "Made-up numbers <for tests>",
      question: "Does the analysis compute what it should?",
      factors: { arm: ["off", "on"] },
      phases: PHASES,
    },
    mode: "exact",
    host: "emulated",
    started: "2026-01-01T00:00:00Z",
    finished: "2026-01-01T00:05:00Z",
    command: ["run", "synthetic"],
    git: { revision: "0123456789abcdef", clean: true },
    inputs: { kernel: { digest: sha256("kernel"), version: "linux-source-6.1 6.1.192-2" } },
    drift: false,
    machine: { cpu: "Synthetic <CPU>", cores: 2, memory_mib: 24000, os: "Debian GNU/Linux 12" },
    timings_s: { build: 0.2, trials: 290.1, boot: 81, merge: 200, analysis: 3, total: 293.3 },
    digest: sha256("run"),
    trials,
  };
}

function settingsOf({ workload, arm, seed, settings }: SyntheticTrial): Settings {
  const common = { guests: GUESTS, guest_memory_mib: 64, mmu: "npt", thp: "never", kernel: "6.1" };
  return { workload, arm, seed, ...common, pages_to_scan: 2000, touch_rounds: 2, ...settings };
}

/** The lines of a trial, without the closing one. */
export function linesOf(trial: SyntheticTrial): Line[] {
  const lines: Line[] = [at(0, "boot", { kind: "plan", workload: trial.workload, guests: GUESTS })];
  if (trial.traced) {
    const raw = [
      ...INTRODUCTIONS,
      packEvents(trial.settings?.mmu === "shadow" ? shadowEvents() : tracedEvents()),
    ];
    lines.push(...raw.map((line) => at(0, "boot", line)));
  }
  PHASES.forEach((phase, index) => {
    const [begin, end] = [BEGIN_S[index] ?? 0, END_S[index] ?? 0];
    lines.push(at(begin, phase, { kind: "phase", event: "begin" }));
    if (phase === "merge") lines.push(...mergeScans(trial));
    if (phase === "touch" || phase === "load") lines.push(...touches(trial, phase, end));
    lines.push(...snapshots(trial, phase, index, end));
    lines.push(at(end, phase, { kind: "phase", event: "end" }));
    if (phase === "touch" && trial.failure !== undefined) {
      lines.push(
        at(end, phase, { kind: "failure", reason: trial.failure, guest: 1, console: CONSOLE }),
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
      [0x400, npf],
      [0x60, 800 * (index + 1)],
      [0x78, 100 * (index + 1) + trial.seed],
      [0x7b, 21_000],
      [0xdead, 3],
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
      ...exits.map(([reason_code, count]) =>
        at(end_s, phase, { kind: "exits", guest, reason_code, count })
      ),
      ...faults.map(([error_code, count]) =>
        at(end_s, phase, { kind: "faults", guest, error_code, count })
      ),
      at(end_s, phase, {
        kind: "kvm",
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
export function closed(lines: Line[], finished = true): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const body = encoder.encode(lines.map((line) => JSON.stringify(line) + "\n").join(""));
  if (!finished) return body;
  const closing = { kind: "end", records: lines.length, sha256: sha256(body) };
  const end = encoder.encode(JSON.stringify(closing) + "\n");
  const bytes = new Uint8Array(body.length + end.length);
  bytes.set(body);
  bytes.set(end, body.length);
  return bytes;
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
}
