// SPDX-License-Identifier: Apache-2.0
/** Claims so many runs of an experiment at once, all in one second, and prints their names. */
import { claimRun, holdRun } from "../run_folder.ts";

const [parent = "", count = "0", time = ""] = Deno.args;
const names = await Promise.all(Array.from({ length: Number(count) }, async () => {
  const name = await claimRun("x", new Date(time), parent);
  await using _held = await holdRun(`${parent}/${name}`, "run");
  return name;
}));
console.log(JSON.stringify(names));
