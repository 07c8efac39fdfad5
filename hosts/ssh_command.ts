// SPDX-License-Identifier: Apache-2.0
/** How ssh(1) is called: a command on another machine as an argument vector here. */
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

/**
 * Options of every call: nobody is asked for anything, so that a key that needs a passphrase, or a
 * machine that nobody knows, is refused.
 *
 * @param more "NAME=VALUE", as in its configuration
 */
export function sshOptions(
  { port, config }: Omit<SshMachine, "destination">,
  more: readonly string[] = [],
): string[] {
  return [
    ...(config === undefined ? [] : ["-F", config]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["BatchMode=yes", ...silence, ...more].flatMap((option) => ["-o", option]),
  ];
}

/** The arguments that carry out a command there. */
export function sshArguments(
  machine: SshMachine,
  program: string,
  args: readonly string[],
): string[] {
  return [...sshOptions(machine), "-T", machine.destination, "--", commandLine(program, args)];
}
