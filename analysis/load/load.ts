import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import type { Cell, Row } from "../engine/arrow.ts";
import { conditionsOf } from "./condition.ts";
import { reasons, type Vendor } from "../../machines/reasons.ts";
import { damaged, parseRecords, parseRemains, type Records } from "../../contract/records.ts";
import { logRows, rowsOf, type Tables } from "./rows.ts";
import type { ColumnBatch } from "../engine/columns.ts";
import { traceRows } from "../trace/interpret.ts";
import { readRunFile, type RunFile, type TrialEntry } from "../../contract/run_file.ts";

/** A run as it was read: what it says of itself, its rows by table, and what was wrong with it. */
export interface Loaded {
  run: RunFile;
  tables: Tables;
  /** Raw traces by table, a batch a trial. */
  traces: Record<string, ColumnBatch[]>;
  /** One for every trial that `run.json` calls done but whose records cannot be trusted. */
  problems: LabError[];
}

const WHOLE_COLUMNS = [
  ...["seed", "guests", "guest_memory_mib", "host_memory_mib", "pages_to_scan"],
  ...["sleep_millisecs", "max_page_sharing", "touch_rounds", "rewrite_permille", "swap_mib"],
];
const TEXT_COLUMNS = [
  ...["workload", "arm", "mmu", "thp", "kernel", "observe"],
  ...["carrier", "guest_kernel", "smart_scan", "advisor_mode"],
];
const FLAG_COLUMNS = ["aslr", "use_zero_pages", "live", "ksm"];

/**
 * Reads a run folder into rows.
 *
 * A trial whose records are missing, broken or unfinished counts as failed, with the reason, and
 * none of its numbers reach a table: half a trial must not be analysed in silence.
 *
 * @throws {LabError} If run.json cannot be read.
 */
export async function load(runFolder: string): Promise<Loaded> {
  const run = await readRunFile(runFolder);
  const conditions = conditionsOf(run.trials);
  const tables: Tables = { trials: [], reasons: reasonRows() };
  const problems: LabError[] = [];
  const traces: Record<string, ColumnBatch[]> = {};
  for (const [trial_number, entry] of run.trials.entries()) {
    const condition = conditions.get(entry.id) ?? "";
    const outcome = await loadTrial(runFolder, run, entry, trial_number);
    if (outcome.problem !== undefined) problems.push(outcome.problem);
    const reason = outcome.problem?.message ?? entry.reason ?? null;
    const status = outcome.problem === undefined ? entry.status : "failed";
    tables.trials?.push({ ...trialRow(entry, condition), trial_number, status, reason });
    for (const [table, rows] of Object.entries(outcome.tables)) {
      tables[table] = (tables[table] ?? []).concat(rows);
    }
    for (const [table, batch] of Object.entries(outcome.traces ?? {})) {
      traces[table] = [...traces[table] ?? [], batch];
    }
  }
  return { run, tables, traces, problems };
}

interface Outcome {
  tables: Tables;
  traces?: Record<string, ColumnBatch>;
  problem?: LabError;
}

async function loadTrial(
  runFolder: string,
  run: RunFile,
  entry: TrialEntry,
  trialNumber: number,
): Promise<Outcome> {
  if (entry.status === "waiting") return { tables: {} };
  const bytes = await readIfThere(join(runFolder, entry.records));
  if (entry.status === "failed") return { tables: remainsOf(bytes, entry.id) };
  try {
    if (bytes === null) throw damaged(entry.records, 1, "the file is missing");
    const records = parseRecords(bytes, entry.records, entry.digest ?? undefined);
    const facts = {
      trial: entry.id,
      vendor: vendorOf(run, entry),
      file: entry.records,
      phaseWall_s: entry.phases_wall_s ?? {},
    };
    const tables = { ...rowsOf(records, facts), ...logRows(records, entry.id) };
    return {
      tables,
      traces: traceRows(records, {
        trialNumber,
        file: entry.records,
        shadow: entry.settings.mmu === "shadow",
        inPlace: entry.settings.arm === "on",
      }),
    };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { tables: remainsOf(bytes, entry.id), problem: error };
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function remainsOf(bytes: Uint8Array | null, trial: string): Tables {
  const records: Records | null = bytes === null ? null : parseRemains(bytes);
  return records === null ? {} : logRows(records, trial);
}

function trialRow(entry: TrialEntry, condition: string): Row {
  const { id: trial, identity, settings } = entry;
  const known: Record<string, Cell> = {};
  for (const name of WHOLE_COLUMNS) known[name] = whole(settings[name]);
  for (const name of TEXT_COLUMNS) {
    known[name] = settings[name] === undefined ? null : String(settings[name]);
  }
  for (const name of FLAG_COLUMNS) {
    known[name] = settings[name] === undefined ? null : Boolean(settings[name]);
  }
  const sorted = Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1);
  return {
    ...{ trial, identity, block: whole(entry.block), condition, ...known },
    settings: JSON.stringify(Object.fromEntries(sorted)),
    digest: entry.digest ?? null,
    wall_s: entry.wall_s ?? null,
    instructions: whole(entry.instructions),
  };
}

function whole(value: unknown): number | null {
  return Number.isSafeInteger(value) ? value as number : null;
}

/** EPT exists on VMX alone; with shadow paging only the processor's name can tell. */
function vendorOf(run: RunFile, entry: TrialEntry): Vendor {
  const onIntel = run.mode === "hardware" && /intel/i.test(String(run.machine?.cpu));
  return entry.settings.mmu === "ept" || onIntel ? "vmx" : "svm";
}

function reasonRows(): Row[] {
  return Object.entries(reasons).flatMap(([vendor, names]) =>
    [...names].map(([reason_code, reason]) => ({ vendor, reason_code, reason }))
  );
}
