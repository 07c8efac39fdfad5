// SPDX-License-Identifier: Apache-2.0
/** How much memory and disk emulated machines take, held against what there is. */
import { LabError } from "../../base/errors.ts";
import { requireSpace } from "../../base/files.ts";
import type { Report } from "../../base/report.ts";
import type { Trial } from "../../contract/trial.ts";
import { cacheRoot } from "../../store/cache.ts";
import { availableMemory_mib } from "../../store/memory.ts";
import type { EmulatedHost } from "./host.ts";
import { machineFor } from "./machine.ts";
import { partsOf } from "./parts.ts";

/**
 * Of an emulator beside its machine's memory: the program, and the code that it has translated. With a
 * trial of `smoke` it was seen to have 336 MiB at the most, all of its machine's memory that was used
 * and 54 MiB of files among them.
 */
const emulator_mib = 100;

/** Of the lab itself with DuckDB, which analyses while trials run: 389 MiB were seen with `smoke`. */
const lab_mib = 600;

/** The plan, the console and the logs of a trial. */
const texts_mib = 16;

/** What one trial takes while it is carried out, MiB. */
export interface Taken {
  memory: number;
  /** Image, records, and the state that it may go on from, which has no page that is zero. */
  disk: number;
}

/** @param host whose parts it runs on */
export function takenBy({ settings }: Pick<Trial, "settings">, host: EmulatedHost): Taken {
  const image_bytes = host.described.imageSizes.get(partsOf(host.parts, settings).image)!;
  const { memory_mib, outputRoom_mib } = machineFor(settings, image_bytes);
  return {
    memory: memory_mib + emulator_mib,
    disk: outputRoom_mib + image_bytes / 2 ** 20 + memory_mib + texts_mib,
  };
}

/** How many of them fit at a time, whichever these are, of at most `slots`; 0 if not even one does. */
export function fitting(each_mib: readonly number[], slots: number, available_mib: number): number {
  let left = available_mib;
  const largest = each_mib.toSorted((a, b) => b - a).slice(0, slots);
  const first = largest.findIndex((mib) => (left -= mib) < 0);
  return first < 0 ? slots : first;
}

/**
 * How many of the trials can be carried out at a time in the memory that there is.
 *
 * @throws {LabError} when not even one can be, or the disk has no room for those that can.
 */
export async function slotsFor(
  trials: readonly Trial[],
  host: EmulatedHost,
  slots: number,
  report: Report,
): Promise<number> {
  const taken = trials.map((trial) => takenBy(trial, host));
  const each_mib = taken.map(({ memory }) => memory);
  const fit = slotsIn(await availableMemory_mib(), each_mib, slots, report);
  const disks = taken.map(({ disk }) => disk).sort((a, b) => b - a).slice(0, fit);
  await requireSpace(cacheRoot(), disks.reduce((sum, mib) => sum + mib, 0), "run trials");
  return fit;
}

/**
 * How many trials that take so much memory each can be carried out at a time in what is available; says so
 * where these are fewer than there are slots.
 *
 * @throws {LabError} when not even one can be.
 */
export function slotsIn(
  available_mib: number,
  each_mib: readonly number[],
  slots: number,
  report: Report,
): number {
  const fit = fitting(each_mib, slots, available_mib - lab_mib);
  const largest_mib = Math.ceil(Math.max(0, ...each_mib));
  if (fit === 0) {
    throw new LabError(
      `Cannot run trials: one takes ${largest_mib} MiB of memory and the lab ${lab_mib}, and ` +
        `${available_mib} MiB are available`,
      "End other programs, or run fewer or smaller guests (guests, guest_memory_mib)",
    );
  }
  const wanted = Math.min(slots, each_mib.length);
  if (fit < wanted) {
    report(
      `${fit} at a time instead of ${wanted}: a trial takes up to ${largest_mib} MiB of memory, and ` +
        `${available_mib} MiB are available`,
      "warning",
    );
  }
  return fit;
}
