// SPDX-License-Identifier: Apache-2.0
/** The kind of host that needs nothing of this machine: it boots in the emulator, and is exact. */
import { requireSpace } from "../../base/files.ts";
import { cacheRoot } from "../../store/cache.ts";
import { sharedFleet } from "../fleets/shared.ts";
import type { HostKind, Provision, Request } from "../kinds.ts";
import { EmulatedHost } from "./host.ts";
import { builtWith, describeParts } from "./inputs.ts";
import { objectionTo } from "./objection.ts";
import { buildParts } from "./parts.ts";

export const hostKind: HostKind = {
  name: "emulated",
  summary: "boots in an emulator on this machine, exact",
  objection: objectionTo,
  provide: async (request) => (await provideEmulated(request)).provision,
};

/** As {@linkcode hostKind} provides it, and the host itself. */
export async function provideEmulated(
  { settings, slots, fork, report }: Request,
): Promise<{ host: EmulatedHost; provision: Provision }> {
  const parts = await buildParts(settings, report);
  const host = new EmulatedHost(parts, await describeParts(parts, await builtWith()), fork);
  return { host, provision: provisionOf(host, slots) };
}

/** The image with its plan, the shared memory, a saved state and the logs of one trial. */
const scratchRoom_mib = 400;

/** A host whose parts are there, for so many trials at a time. */
export function provisionOf(host: EmulatedHost, slots: number): Provision {
  const { inputs, drift, built_s } = host.described;
  return {
    ...{ host: host.name, exact: host.exact, inputs, drift, built_s },
    inputsOf: (settings) => host.inputsOf(settings),
    fleet: sharedFleet(host, slots, {
      async ready(trials) {
        await requireSpace(cacheRoot(), scratchRoom_mib * slots, "run trials");
        host.states.expect(trials);
      },
      next: (waiting) => host.states.next(waiting),
      close: () => host.states.close(),
    }),
  };
}
