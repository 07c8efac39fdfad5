// SPDX-License-Identifier: Apache-2.0
/** The kind of host that needs nothing of this machine: it boots in the emulator, and is exact. */
import { type Report, reportToStderr } from "../../base/report.ts";
import { LabError } from "../../base/errors.ts";
import type { Settings } from "../../contract/settings.ts";
import { type UsedEntry, watchingEntries } from "../../store/cache.ts";
import { sharedFleet } from "../fleets/shared.ts";
import type { HostKind, Provision, Request } from "../kinds.ts";
import { poolFleet } from "../pool/pool.ts";
import { poolOf } from "../pool/pools.ts";
import { EmulatedHost } from "./host.ts";
import { builtWith, describeParts } from "./inputs.ts";
import { emulatorOf } from "./host_boot.ts";
import { objectionTo } from "./objection.ts";
import { buildParts } from "./parts.ts";
import { slotsFor } from "./room.ts";

export const hostKind: HostKind = {
  name: "emulated",
  summary: "boots in an emulator on this machine, exact",
  objection: objectionTo,
  provide: async (request) => (await provideEmulated(request)).provision,
};

/** As {@linkcode hostKind} provides it, and the host itself. */
export async function provideEmulated(
  { settings, slots, fork, on, report }: Request,
): Promise<{ host: EmulatedHost; provision: Provision }> {
  if (on !== undefined) requirePooled(settings);
  const { result: parts, entries } = await watchingEntries(() => buildParts(settings, report));
  const described = await describeParts(parts, builtWith());
  const built_s = { ...described.built_s, ...secondsOfTools(entries) };
  const host = new EmulatedHost(parts, { ...described, built_s }, fork);
  const provision = provisionOf(host, slots, report);
  if (on === undefined) return { host, provision };
  const fleet = poolFleet(host, await poolOf(on, host, report), on.check);
  return { host, provision: { ...provision, fleet } };
}

/** Of what builds need and no trial: with the download of its packages. */
function secondsOfTools(entries: readonly UsedEntry[]): Record<string, number> {
  return Object.fromEntries(
    entries.filter(({ kind, built }) => built && (kind === "room" || kind === "sysroot"))
      .map(({ what, build_seconds }) => [what.replace(/^the /, ""), build_seconds]),
  );
}

/** @throws {LabError} when a machine is asked for that only this one's lab prepares. */
function requirePooled(settings: readonly Settings[]): void {
  const alone = settings.find((one) => emulatorOf(one) !== "QEMU");
  if (alone === undefined) return;
  throw new LabError(
    `Cannot run ${alone.workload} with mmu=${alone.mmu} on other machines: it runs in Bochs, whose memory ` +
      "is laid out by the lab on its own machine",
    "Leave --on away, or set mmu=npt,shadow",
  );
}

/** A host whose parts are there, for so many trials at a time, or fewer where these do not fit. */
export function provisionOf(
  host: EmulatedHost,
  slots: number,
  report: Report = reportToStderr,
): Provision {
  const { inputs, drift, built_s } = host.described;
  return {
    ...{ host: host.name, exact: host.exact, inputs, drift, built_s },
    inputsOf: (settings) => host.inputsOf(settings),
    fleet: sharedFleet(host, slots, {
      async ready(trials, slots) {
        const fit = await slotsFor(trials, host, slots, report);
        host.states.expect(trials);
        return fit;
      },
      next: (waiting) => host.states.next(waiting),
      close: () => host.states.close(),
    }),
  };
}
