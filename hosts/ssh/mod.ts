// SPDX-License-Identifier: Apache-2.0
/** The kind of host that is another machine, or several, reached by the system's OpenSSH. */
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { defaultSettings } from "../../contract/settings.ts";
import { cacheRoot } from "../../store/cache.ts";
import { objectionToReal } from "../command/facts.ts";
import { provideHosts } from "../command/provide.ts";
import { type Reach, sshReach } from "../command/reach.ts";
import type { HostKind } from "../kinds.ts";
import { parseAddresses } from "./address.ts";

/** The kind as such: without an address there is no host of it. */
export const hostKind: HostKind = {
  name: "ssh",
  summary: "another machine, or several, by ssh: ssh://user@host:port, measured in time",
  objection: (settings) => objectionToReal(settings, defaultSettings),
  provide: () => {
    throw new LabError(
      'Cannot run on the host "ssh": it does not say which',
      "Name it: --host ssh://user@host, also to resume a run",
    );
  },
};

/** Ways to the machines of "ssh://a,ssh://b". */
export async function reachesOf(text: string): Promise<Reach[]> {
  const sockets = join(cacheRoot(), "ssh");
  await Deno.mkdir(sockets, { recursive: true, mode: 0o700 });
  const environment = {
    agentSocket: Deno.env.get("SSH_AUTH_SOCK"),
    config: Deno.env.get("LAB_SSH_CONFIG"),
    sockets,
  };
  return parseAddresses(text).map((address) => sshReach(address, environment));
}

/** The kind at an address. */
export function hostsAt(text: string): HostKind {
  parseAddresses(text);
  return {
    ...hostKind,
    provide: async (request) => provideHosts("ssh", await reachesOf(text), request),
  };
}
