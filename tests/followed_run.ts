// SPDX-License-Identifier: Apache-2.0
/** A run that is followed by what it says, so that something can be done to it in its midst. */
import { lab, removeRun, runLine, startRun } from "./lab.ts";

export interface Followed {
  child: ReturnType<typeof startRun>;
  /** Its name. */
  run: string;
  /** All that it says, once it has ended. */
  rest: Promise<string>;
}

/** Begins `./lab run ARGS`, and waits until the first of its trials has booted. */
export async function followedRun(...args: string[]): Promise<Followed> {
  const child = startRun([...args, "--verbose"]);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const when = /: boot\n/;
  let said = "";
  const more = async () => {
    const { value, done } = await reader.read();
    said += value ?? "";
    return !done;
  };
  while (!when.test(said)) {
    if (!await more()) throw new Error(`it ended before ${when}:\n${said}`);
  }
  const [, run] = /^(\S+): \d+ trials?, \d+ at a time/m.exec(said) ?? [];
  if (run === undefined) throw new Error(`it did not say its name:\n${said}`);
  const rest = (async () => {
    while (await more());
    return said;
  })();
  return { child, run, rest };
}

/** What such a run gives on this machine alone. */
export async function localDigest(...args: string[]): Promise<string> {
  const { digest, run } = runLine(await lab("run", ...args, "--json"));
  await removeRun(run);
  return digest;
}

/** The digest of a run that has come to its end. */
export async function digestOf(run: string): Promise<string> {
  return runLine(await lab("run", "--resume", run, "--json")).digest;
}
