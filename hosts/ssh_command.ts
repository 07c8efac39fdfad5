// SPDX-License-Identifier: Apache-2.0
/** A command on another machine, as an argument vector here. */
import { commandLine } from "../base/process.ts";

/** A machine that ssh reaches. */
export interface SshMachine {
  /** "user@host", or a name of ssh's configuration. */
  destination: string;
  /** Its own, if not ssh's. */
  port: number | undefined;
  /** A configuration of ssh's, if not the user's own. */
  config: string | undefined;
}

/** A machine that says nothing for so long is lost: three words unanswered. */
const silence = ["ServerAliveInterval=10", "ServerAliveCountMax=3", "ConnectTimeout=15"];

/** The arguments of ssh(1), which asks nobody for anything. */
export function sshArguments(
  { destination, port, config }: SshMachine,
  program: string,
  args: readonly string[],
): string[] {
  return [
    ...(config === undefined ? [] : ["-F", config]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["BatchMode=yes", ...silence].flatMap((option) => ["-o", option]),
    ...["-T", destination, "--", commandLine(program, args)],
  ];
}
