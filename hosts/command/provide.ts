// SPDX-License-Identifier: Apache-2.0
/** Real hosts made ready: looked at, objected to, supplied with what trials need. */
import { sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import { LabError } from "../../base/errors.ts";
import type { Report } from "../../base/report.ts";
import { guestLinesOf, type Settings } from "../../contract/settings.ts";
import type { Input } from "../../contract/trial.ts";
import { buildEmulator } from "../../emulator/qemu/build.ts";
import { buildImages, type BuiltImage } from "../../images/build.ts";
import { guestKernelsOf, imageOf } from "../emulated/parts.ts";
import { blockFleet } from "../fleets/blocks.ts";
import type { Provision, Request } from "../kinds.ts";
import type { On } from "../pool/on.ts";
import { type Bundle, bundleOf } from "./bundle.ts";
import { requireMerging } from "./canary.ts";
import {
  identityFacts,
  objectionToHost,
  objectionToTrial,
  type ProbedHost,
  warningsOf,
} from "./facts.ts";
import { CommandHost, type Patience, usualPatience } from "./host.ts";
import { OnHost } from "./on_host.ts";
import type { Reach } from "./reach.ts";

/**
 * Looks at hosts, and gives a fleet of them.
 *
 * @param kind its name: "local" or "ssh"
 * @throws {LabError} when one cannot be reached or cannot carry out one of the trials: nothing is changed
 * there by then.
 */
export async function provideHosts(
  kind: string,
  reaches: readonly Reach[],
  { settings, on: pool, report }: Request,
  patience: Patience = usualPatience,
): Promise<Provision> {
  if (pool !== undefined) refuseSpreading(kind, pool);
  const hosts: { on: OnHost; probed: ProbedHost }[] = [];
  for (const reach of reaches) {
    const on = new OnHost(reach);
    const probed = await on.probe();
    requireNoObjection(on, probed, settings);
    for (const warning of warningsOf(probed)) report(`${on.name}: ${warning}`, "warning");
    hosts.push({ on, probed });
  }
  const supplies = await supply(settings, report);
  const facts = hosts.map(({ probed }) => identityFacts(probed));
  const machines = sha256OfJson(facts);
  const parts = {
    bundleOf: (settings: Settings) => supplies.of(settings),
    inputsOf: (settings: Settings) => ({ image: supplies.of(settings).image.sha256, machines }),
  };
  const all = hosts.map(({ on, probed }) => new CommandHost(on, probed, parts, patience));
  return {
    ...{ host: kind, exact: false, inputsOf: parts.inputsOf, drift: supplies.drift },
    inputs: { ...supplies.inputs, ...machineInputs(facts) },
    machine: describe(facts),
    built_s: {},
    fleet: blockFleet(all, {
      async ready(host, trials) {
        const { on } = host as CommandHost;
        const [first] = trials;
        if (first === undefined) return;
        await prepareHost(on, supplies.of(first.settings).bundle);
        await requireMerging(host, first, report);
      },
    }),
  };
}

/** @throws {LabError} since what is measured in time depends on the machine, which is then to be named. */
function refuseSpreading(kind: string, { machines }: On): never {
  throw new LabError(
    `Cannot run on ${machines} what is measured in time on the host "${kind}": --on spreads exact trials alone`,
    machines === "slurm"
      ? "Keep nodes for the run, and name them: salloc --exclusive --nodelist=N1,N2 " +
        "./lab run EXPERIMENT --host ssh://root@N1,ssh://root@N2"
      : "Name the machines with --host: --host ssh://root@A,ssh://root@B",
  );
}

function requireNoObjection(on: OnHost, probed: ProbedHost, settings: readonly Settings[]): void {
  const objection = objectionToHost(probed) ??
    settings.map((one) => objectionToTrial(probed, one)).find((one) => one !== undefined);
  if (objection === undefined) return;
  throw new LabError(
    `Cannot run on ${on.name}: ${objection}`,
    `\`./lab host status ${on.name}\` says what it is. Nothing was changed there`,
  );
}

/** What can only be tried with the lab's own programs: still nothing is changed but files of its own. */
async function prepareHost(on: OnHost, { digest, path }: Bundle): Promise<void> {
  const left = await on.restore();
  if (left !== "" && !left.startsWith("restarted=")) {
    throw new LabError(
      `Cannot run on ${on.name}: an earlier trial's changes are still there: ${left.trim()}`,
    );
  }
  await on.push(digest, path);
  const refusal = await on.tryKvm(digest);
  if (refusal === undefined) return;
  throw new LabError(
    `Cannot run on ${on.name}: it has /dev/kvm, but KVM does not work there: ${refusal}`,
    "A virtual machine needs nested virtualization switched on by its own host",
  );
}

interface Supplies {
  of: (settings: Settings) => { bundle: Bundle; disk: string | undefined; image: BuiltImage };
  inputs: Record<string, Input>;
  drift: boolean;
}

/** Images and their bundles, of which no host's kernel is a part. */
async function supply(settings: readonly Settings[], report: Report): Promise<Supplies> {
  const wanted = [...new Map(settings.map((one) => [nameOf(one), imageOf(one)])).values()];
  const lines = [...new Set(wanted.flatMap(({ guestKernel }) => guestLinesOf(guestKernel)))];
  const [emulator, kernels] = await Promise.all([
    buildEmulator(report),
    guestKernelsOf(lines, report),
  ]);
  const guestKernels = new Map(lines.map((line, at) => [line, kernels[at]!]));
  const images = await buildImages(wanted, { guestKernels, emulator }, report);
  const byName = new Map<string, { bundle: Bundle; disk: string | undefined; image: BuiltImage }>();
  for (const image of images) {
    const bundle = await bundleOf(image, report);
    byName.set(nameOf({ workload: image.workload, guest_kernel: image.guestKernel }), {
      ...{ bundle, image },
      disk: image.disk,
    });
  }
  return {
    of: (settings) => byName.get(nameOf(settings))!,
    drift: emulator.drift || [...kernels, ...images].some(({ drift }) => drift),
    inputs: {
      vmm: { digest: await sha256OfFile(emulator.qemu), version: emulator.version },
      ...Object.fromEntries(
        await Promise.all(lines.map(async (line) => {
          const { vmlinux, version } = guestKernels.get(line)!;
          return [`guest kernel ${line}`, { digest: await sha256OfFile(vmlinux), version }];
        })),
      ),
      ...Object.fromEntries(images.map(({ workload, guestKernel, sha256, packages }) => [
        `image ${workload}, guests ${guestKernel}`,
        { digest: sha256, version: packages.join(", ") || "no packages" },
      ])),
    },
  };
}

function nameOf({ workload, guest_kernel }: Pick<Settings, "workload" | "guest_kernel">): string {
  return `${workload} ${guest_kernel}`;
}

type Facts = ReturnType<typeof identityFacts>;

function machineInputs(facts: readonly Facts[]): Record<string, Input> {
  return Object.fromEntries(facts.map((each, at) => [
    `host ${at + 1}`,
    { digest: sha256OfJson(each), version: `${each.cpu}, Linux ${each.kernel}` },
  ]));
}

/** For the record of a run: the machines that measured, not the one that asked. */
function describe(facts: readonly Facts[]): Record<string, string | number> {
  const [only, ...more] = facts;
  if (only !== undefined && more.length === 0) return only;
  return Object.fromEntries(
    facts.flatMap((each, at) =>
      Object.entries(each).map(([key, value]) => [`${key} ${at + 1}`, value])
    ),
  );
}
