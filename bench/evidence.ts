// SPDX-License-Identifier: Apache-2.0
/** What a failed trial left to look at: the host's console and what the emulator said, beside its records. */
import { join } from "@std/path";
import { removeIfThere, writeAtomically } from "../base/files.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import type { Evidence } from "../hosts/host.ts";
import { withoutPlaces } from "../store/private.ts";
import type { RunFolder } from "./run_folder.ts";

const names = ["console", "emulator"] as const;

/** Where such a text lies in the run's folder: "trials/ID.console.txt". */
function pathOf({ id }: Pick<TrialEntry, "id">, name: (typeof names)[number]): string {
  return `trials/${id}.${name}.txt`;
}

/**
 * Keeps it in the run's folder, without paths of this machine, in place of that of an earlier attempt.
 *
 * @returns paths of what there is, in the run's folder
 */
export async function keepEvidence(
  folder: RunFolder,
  entry: TrialEntry,
  evidence: Evidence = {},
): Promise<string[]> {
  const kept: string[] = [];
  for (const name of names) {
    const path = pathOf(entry, name);
    const text = evidence[name] ?? "";
    if (text === "") {
      await removeIfThere(join(folder.dir, path));
      continue;
    }
    await writeAtomically(join(folder.dir, path), withoutPlaces(text));
    kept.push(path);
  }
  return kept;
}
