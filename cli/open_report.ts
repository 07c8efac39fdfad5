// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../base/errors.ts";
import { run } from "../base/process.ts";

/** The desktop's program that opens a file with what it is for. */
const opener = "xdg-open";

const limit_s = 20;

/** What it goes by. */
const desktop = [
  ...["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"],
  ...["XDG_CURRENT_DESKTOP", "BROWSER"],
];

/** Opens a report in the browser. That there is none is said, and is no failure. */
export async function openReport(path: string): Promise<void> {
  const env = Object.fromEntries(desktop.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  try {
    await run(opener, [path], { purpose: "open the report", timeLimit_s: limit_s, env });
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(`${error.message.split("\n")[0]}: open ${path} yourself`);
  }
}
