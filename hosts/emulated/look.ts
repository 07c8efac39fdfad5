// SPDX-License-Identifier: Apache-2.0
/** What the system says about a process and all that it has started, without disturbing them. */
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";

/** Ticks a second in which /proc counts CPU time (USER_HZ), the same on all of Linux's x86-64. */
const userHz = 100;

/** Of /proc/PID/stat behind the program's name: state, utime and stime, see proc(5). */
const [stateField, utimeField, stimeField] = [0, 11, 12] as const;

/** Some wrappers, and the program. */
const mostGenerations = 12;

export interface Activity {
  /** CPU time that they have had. */
  cpu_s: number;
  /** One of them was stopped by a signal. */
  stopped: boolean;
}

/** @returns nothing where it cannot be known, as when they have all ended. */
export async function activityOf(pid: number): Promise<Activity | undefined> {
  try {
    const all = await descendantsOf(pid);
    const stats = await contents(all.map((one) => `/proc/${one}/stat`));
    const lines = stats.split("\n").filter((line) => line !== "");
    if (lines.length === 0) return undefined;
    const fields = lines.map((line) => line.slice(line.lastIndexOf(")") + 2).split(" "));
    const ticks = fields.map((each) => Number(each[utimeField]) + Number(each[stimeField]));
    return {
      cpu_s: ticks.reduce((sum, one) => sum + one, 0) / userHz,
      stopped: fields.some((each) => each[stateField] === "T"),
    };
  } catch (error) {
    if (error instanceof LabError) return undefined;
    throw error;
  }
}

/** The process and all below it. */
async function descendantsOf(pid: number): Promise<number[]> {
  const all = [pid];
  let youngest = [pid];
  for (let at = 0; at < mostGenerations && youngest.length > 0; at++) {
    const text = await contents(youngest.map((one) => `/proc/${one}/task/${one}/children`));
    youngest = text.split(/\s+/).filter((word) => word !== "").map(Number);
    all.push(...youngest);
  }
  return all;
}

/** Deno does not read /proc itself, see store/machine.ts. One that has ended meanwhile has no files. */
async function contents(paths: readonly string[]): Promise<string> {
  const { stdout } = await run("cat", paths, {
    ...{ purpose: "see what the emulator does", timeLimit_s: 60, accept: [1] },
  });
  return stdout;
}
