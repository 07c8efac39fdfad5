// SPDX-License-Identifier: Apache-2.0
/** The files that are the lab: of a checkout, or of an unpacked copy of one. */
import { join } from "@std/path";
import { filesBelow } from "./digest.ts";
import { exists } from "./files.ts";
import { run } from "./process.ts";

/**
 * Paths below `root`, sorted: those that git knows or would, or all of them outside of a checkout.
 * What runs have written is not among them; the committed reference is.
 *
 * @throws {LabError} when git fails.
 */
export async function checkoutFiles(root: string): Promise<string[]> {
  if (!await exists(join(root, ".git"))) {
    return (await filesBelow(root)).filter((path) =>
      !/^(\.git\/|reports\/(?!reference\/))/.test(path)
    );
  }
  const { stdout } = await run(
    "git",
    ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { purpose: "list the lab's own files", timeLimit_s: 60 },
  );
  const names = stdout.split("\0").filter((name) => name !== "").sort();
  const there = await Promise.all(names.map((name) => exists(join(root, name))));
  return names.filter((_, at) => there[at]);
}
