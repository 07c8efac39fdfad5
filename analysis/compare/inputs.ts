// SPDX-License-Identifier: Apache-2.0
import type { RunFile } from "../../contract/run_file.ts";
import type { SettingDifference } from "./pairs.ts";

/** One thing that a result depends on and that two runs do not share. */
export interface InputDifference {
  /** Its name: the host, a setting, an input. */
  what: string;
  /** What run A has, in words or the beginning of a digest. */
  a: string;
  /** What run B has. */
  b: string;
}

const ABSENT = "\u2013";

/** As much of a digest as tells two of them apart. */
const SHOWN_DIGITS = 12;

/**
 * What two runs do not have in common of all that their results depend on: host, mode, phases,
 * settings, and each input by digest. The machine is not among it, since exact results do not depend
 * on it; neither is the revision of the lab, since what it built is there by digest.
 */
export function differingInputs(
  a: RunFile,
  b: RunFile,
  settings: readonly SettingDifference[],
): InputDifference[] {
  const facts: InputDifference[] = [
    { what: "mode", a: a.mode, b: b.mode },
    { what: "host", a: a.host, b: b.host },
    { what: "drift from the locked sources", a: yesNo(a.drift), b: yesNo(b.drift) },
    { what: "phases", a: phasesOf(a), b: phasesOf(b) },
    ...settings.map(({ name, a, b }) => ({ what: `setting ${name}`, a, b })),
    ...inputNames(a, b).map((name) => ({ what: name, a: input(a, name), b: input(b, name) })),
  ];
  return facts.filter((fact) => fact.a !== fact.b);
}

function yesNo(value: boolean | undefined): string {
  return value === true ? "yes" : "no";
}

function phasesOf({ experiment }: RunFile): string {
  return (experiment.phases ?? []).join(", ");
}

function inputNames(a: RunFile, b: RunFile): string[] {
  return [...new Set([...Object.keys(a.inputs ?? {}), ...Object.keys(b.inputs ?? {})])].sort();
}

function input(run: RunFile, name: string): string {
  const found = run.inputs?.[name];
  if (found === undefined) return ABSENT;
  const version = (found.version ?? "").length > 60 ? "" : `${found.version ?? ""} `;
  return `${version}${found.digest.slice(0, SHOWN_DIGITS)}`;
}
