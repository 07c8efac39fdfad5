// SPDX-License-Identifier: Apache-2.0
/** Who runs the lab. */
import { run } from "./process.ts";

/** Whether it is root, as id(1) says: to ask Deno takes a permission of its own. */
export async function runsAsRoot(): Promise<boolean> {
  const { stdout } = await run("id", ["-u"], { purpose: "see who runs the lab", timeLimit_s: 10 });
  return stdout.trim() === "0";
}
