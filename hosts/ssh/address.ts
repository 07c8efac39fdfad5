// SPDX-License-Identifier: Apache-2.0
/** Addresses of hosts that are reached by ssh: "ssh://user@host:port". */
import { LabError } from "../../base/errors.ts";

/** One machine. */
export interface SshAddress {
  /** As somebody wrote it, for messages. */
  text: string;
  /** Whom ssh is to reach: a name of its configuration will do. */
  destination: string;
  port: number | undefined;
}

/** What an address begins with. */
export const scheme = "ssh://";

/** A name that begins with a hyphen would be an option of ssh's. */
const pattern =
  /^(?:([A-Za-z0-9_][\w.-]*)@)?([A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;
const mostPorts = 65_535;

/**
 * Reads "ssh://a" or "ssh://a,ssh://user@b:2222".
 *
 * @throws {LabError} for what is no address, or names a machine twice.
 */
export function parseAddresses(text: string): SshAddress[] {
  const addresses = text.split(",").map(parseAddress);
  const twice = addresses.find(({ text }, at) =>
    addresses.findIndex((other) => other.text === text) !== at
  );
  if (twice === undefined) return addresses;
  throw new LabError(
    `Cannot run on "${text}": ${twice.text} stands there twice`,
    "A machine carries out one trial at a time: name each once",
  );
}

function parseAddress(text: string): SshAddress {
  const [, user, host, port] = text.startsWith(scheme)
    ? pattern.exec(text.slice(scheme.length).replace(/\/$/, "")) ?? []
    : [];
  if (host === undefined || Number(port ?? 1) > mostPorts || port === "0") {
    throw new LabError(
      `Cannot run on "${text}": not an address like ssh://user@host:port`,
      "User and port may be left out; several are joined by commas",
    );
  }
  const name = host.replace(/^\[(.*)\]$/, "$1");
  return {
    text,
    destination: user === undefined ? name : `${user}@${name}`,
    port: port === undefined ? undefined : Number(port),
  };
}
