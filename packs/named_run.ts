// SPDX-License-Identifier: Apache-2.0
import { findRun } from "../bench/run_folder.ts";
import { isPack, referenceName } from "./names.ts";
import { withPack } from "./open.ts";
import { withReference } from "./reference.ts";

/**
 * Gives the folder of a run by its name, the path of a pack, or the word for the reference, for as
 * long as `use` takes.
 *
 * @throws {LabError} if there is none, or a pack is not sound.
 */
export async function withNamedRun<T>(name: string, use: (dir: string) => Promise<T>): Promise<T> {
  if (name === referenceName) return await withReference(({ dir }) => use(dir));
  if (isPack(name)) return await withPack(name, ({ dir }) => use(dir));
  return await use(await findRun(name));
}
