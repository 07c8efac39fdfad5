// SPDX-License-Identifier: Apache-2.0
/**
 * How an argument vector gets to a host and is carried out there: as it is, or by the system's OpenSSH.
 * All else that is done on a host is the same wherever it is.
 */
import { commandLine } from "../../base/process.ts";
import type { SshAddress } from "../ssh/address.ts";

/** A way to a host. */
export interface Reach {
  /** For people. */
  name: string;
  /** The program and its arguments that carry out `words` there. */
  wrap(words: readonly string[]): [program: string, args: string[]];
  /** Variables that it needs besides those that all programs see. */
  env: Record<string, string>;
}

/** This machine. */
export const local: Reach = {
  name: "local",
  wrap: ([program, ...args]) => [program!, args],
  env: {},
};

/** A connection that is not there by then is none. */
const connectLimit_s = 15;

/** A dead connection is noticed after three of these. */
const aliveEvery_s = 10;

/** A connection stays open for so long behind the last command, for the next. */
const persist_s = 60;

/** A socket's path has 108 bytes, of which ssh takes these for the connection's name and a draft's. */
const mostSockets_bytes = 107 - 59;

/** What of the environment ssh may see. */
export interface SshEnvironment {
  /** Where the agent with the keys listens. */
  agentSocket: string | undefined;
  /** A configuration in the place of the person's own. */
  config: string | undefined;
  /** A folder for sockets of open connections: of a short name, as theirs is limited. */
  sockets: string;
}

/**
 * Another machine. Nobody is asked anything: a key that needs a passphrase, or a machine that nobody
 * knows, is refused. What is carried out there passes through the login's shell, so each word is
 * quoted.
 */
export function sshReach(
  { text, destination, port }: SshAddress,
  { agentSocket, config, sockets }: SshEnvironment,
): Reach {
  const options = [
    ...(config === undefined ? [] : ["-F", config]),
    ...["BatchMode=yes", "StrictHostKeyChecking=yes", `ConnectTimeout=${connectLimit_s}`]
      .concat(`ServerAliveInterval=${aliveEvery_s}`, "ServerAliveCountMax=3")
      .concat(
        sockets.length > mostSockets_bytes
          ? []
          : ["ControlMaster=auto", `ControlPath=${sockets}/%C`, `ControlPersist=${persist_s}`],
      )
      .flatMap((option) => ["-o", option]),
    ...(port === undefined ? [] : ["-p", String(port)]),
  ];
  return {
    name: text,
    wrap: ([program, ...args]) => [
      "ssh",
      [...options, destination, "--", commandLine(program!, args)],
    ],
    env: agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket },
  };
}
