// SPDX-License-Identifier: Apache-2.0
/** Where else than on this machine trials are carried out: what is asked for with --on. */
import { LabError } from "../../base/errors.ts";

/** Other machines, and how they are to be used. */
export interface On {
  /** "slurm", "ssh://a,b", or a file of hosts. */
  machines: string;
  /** The folder that this machine and all of Slurm's nodes see; one of the cache if not given. */
  shared?: string | undefined;
  /** Share of the trials that are repeated on another machine, 0 to 1. */
  check: number;
  partition?: string | undefined;
  constraint?: string | undefined;
  time?: string | undefined;
  account?: string | undefined;
  maxRunning?: number | undefined;
  slurmOptions: readonly string[];
}

/** What a path may consist of: it goes through a shell script's sed, and options with commas. */
const plainPath = /^\/[A-Za-z0-9._/+-]*$/;

/** @throws {LabError} when the path of a shared folder has characters that cannot be passed on. */
export function sharedFolder(path: string): string {
  if (plainPath.test(path)) return path;
  throw new LabError(
    `Cannot share the folder "${path}": its path is to begin with "/" and to have letters, digits ` +
      "and . _ - + alone",
    "Name another with --shared",
  );
}

/** Reads "2%" and "0.02" as a share. */
export function shareOf(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent === "%" ? 100 : 1);
  if (number !== undefined && share <= 1) return share;
  throw new LabError(`Cannot use --check ${text}: not a share like 2%`);
}

/** Reads an option of sbatch's without its dashes: "qos=low". */
export function slurmOption(text: string): string {
  const option = text.replace(/^--/, "");
  if (/^[a-z][a-z-]*(=\S+)?$/.test(option)) return option;
  throw new LabError(
    `Cannot pass --slurm-option ${text} on: it is not NAME or NAME=VALUE`,
    "Such as --slurm-option qos=low",
  );
}
