/** Which run a person means: a folder, or the name of one in reports/. */
import { isAbsolute, join } from "@std/path";
import { LabError } from "../support/errors.ts";
import { exists } from "../support/files.ts";

const reports = join(import.meta.dirname!, "..", "reports");

/**
 * @throws {LabError} when there is no such run.
 */
export async function runFolder(named: string): Promise<string> {
  const candidates = isAbsolute(named) ? [named] : [named, join(reports, named)];
  for (const candidate of candidates) {
    if (await exists(join(candidate, "run.json"))) return candidate;
  }
  throw new LabError(
    `Cannot find the run "${named}": there is no run.json in it`,
    `Runs are folders in ${reports}`,
  );
}
