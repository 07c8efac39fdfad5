// SPDX-License-Identifier: Apache-2.0
/**
 * Whose programs a pack brings. Records say nothing of a kernel when the emulator that writes them is
 * one that nobody knows: it may as well print what it was given. So each program is held against what
 * this lab builds and what the committed reference was measured on, by digest, before anything runs.
 */
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";
import type { Settings } from "../contract/settings.ts";
import type { Inputs } from "../contract/trial.ts";
import { buildEmulator } from "../emulator/qemu/build.ts";
import { noCage, requireCageFor } from "../hosts/emulated/cage.ts";
import { EmulatedHost } from "../hosts/emulated/host.ts";
import { describeParts } from "../hosts/emulated/inputs.ts";
import { arePartsThere, buildParts } from "../hosts/emulated/parts.ts";
import { hasReference, withReference } from "./reference.ts";

/** What a program is known by. */
export type Known = "as this lab builds it" | "as in the reference run" | "the pack's own";

/** Something that executes. */
export interface Program {
  /** As run.json has it: "host kernel 6.1 patched". */
  name: string;
  version: string;
  digest: string;
  known: Known;
}

/** How somebody who verifies a pack wants its programs treated. */
export interface Consent {
  /** Its own programs may run, though nobody here knows them. */
  trustPrograms: boolean;
  /** The lab's emulator runs, and not the pack's. */
  ownEmulator: boolean;
}

/** What executes: outside of the emulated machine the emulator alone, with its firmware in it. */
const executes = /^(emulator|firmware|host kernel .*|image .*)$/;

/** The programs among the inputs, each with what it is known by. */
export function programsAmong(inputs: Inputs, built: Inputs, reference: Inputs): Program[] {
  const digestIn = (inputs: Inputs, name: string) =>
    Object.hasOwn(inputs, name) ? inputs[name]!.digest : undefined;
  return Object.entries(inputs).filter(([name]) => executes.test(name)).map(
    ([name, { version, digest }]) => ({
      ...{ name, version, digest },
      known: digest === digestIn(built, name)
        ? "as this lab builds it"
        : digest === digestIn(reference, name)
        ? "as in the reference run"
        : "the pack's own",
    }),
  );
}

/** Names of those that nobody here knows. */
export function foreign(programs: readonly Program[]): string[] {
  return programs.filter(({ known }) => known === "the pack's own").map(({ name }) => name);
}

/** A pack's host, or one with the lab's emulator in it, and whose programs it runs. */
export interface KnownHost {
  host: EmulatedHost;
  programs: Program[];
}

/** Finds out whose programs a pack's trials would run on. */
export async function knowPrograms(
  packed: EmulatedHost,
  settings: readonly Settings[],
  ownEmulator: boolean,
  report: Report,
): Promise<KnownHost> {
  const [built, reference] = await Promise.all([builtInputs(settings, report), referenceInputs()]);
  if (!ownEmulator) {
    return { host: packed, programs: programsAmong(packed.described.inputs, built, reference) };
  }
  const parts = { ...packed.parts, emulator: await buildEmulator(report) };
  const host = new EmulatedHost(parts, await describeParts(parts, packed.described.builtWith));
  const { emulator, firmware } = host.described.inputs;
  const own = { ...built, emulator: emulator!, firmware: firmware! };
  return { host, programs: programsAmong(host.described.inputs, own, reference) };
}

const shownDigits = 12;

/**
 * Says whose programs they are.
 *
 * @param caged whether this machine can keep them from everything else
 * @throws {LabError} if some would run outside of the emulated machine that nobody here knows, and nobody
 * has agreed to that.
 */
export async function requireConsent(
  pack: string,
  programs: readonly Program[],
  { trustPrograms, ownEmulator }: Consent,
  report: Report,
): Promise<void> {
  for (const { name, version, digest, known } of programs) {
    const shown = version.length > longestVersion ? "" : ` ${version}`;
    report(`${name}${shown} (${digest.slice(0, shownDigits)}): ${known}`);
  }
  const own = foreign(programs);
  if (own.length === 0 || ownEmulator) return;
  if (!trustPrograms) {
    throw new LabError(
      `Cannot verify ${pack}: it brings programs that are neither what this lab builds nor those of the ` +
        `reference run: ${own.join(", ")}`,
      "--own-emulator lets the lab's emulator carry out the trials; --trust-programs lets the pack's run, " +
        "without privileges, network or any file but its own. What they say then proves less.",
    );
  }
  if (await requireCageFor("this pack's programs") === "bare") report(noCage, "warning");
}

/** Of an image it is the list of all packages in it. */
const longestVersion = 40;

/** What this lab builds for such trials, if its kernels and its emulator are there; nothing is built for it. */
async function builtInputs(settings: readonly Settings[], report: Report): Promise<Inputs> {
  try {
    if (!await arePartsThere(settings)) return {};
    const parts = await buildParts(settings, report);
    return (await describeParts(parts, {})).inputs;
  } catch (error) {
    /* Without a compiler it cannot be said what the lab would build. */
    if (error instanceof LabError) return {};
    throw error;
  }
}

async function referenceInputs(): Promise<Inputs> {
  return await hasReference()
    ? await withReference(({ record }) => Promise.resolve(record.inputs))
    : {};
}
