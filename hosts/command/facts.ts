// SPDX-License-Identifier: Apache-2.0
/** What a host says of itself before anything is changed there, and what speaks against a trial. */
import type { Settings } from "../../contract/settings.ts";
import type { HostFacts } from "../host.ts";

/** As hosts/command/host.sh says it. */
export interface ProbedHost {
  arch: string;
  kernel: string;
  version: string;
  boot_id: string;
  page_bytes: number;
  /** The kernel's number of one CPU of each core. */
  cores: number[];
  cpu: string;
  /** Of the processor: svm, vmx; neither where it has none. */
  vendor: "svm" | "vmx" | undefined;
  /** It is a virtual machine itself. */
  nested: boolean;
  /** The time-stamp counter goes on at one rate, whatever the processor does. */
  steadyTicks: boolean;
  memory_mib: number;
  available_mib: number;
  kvm: "there" | "missing" | "refused";
  /** Second-level page tables in hardware. */
  npt: boolean;
  hasSwitch: boolean;
  hasKsm: boolean;
  /** Pages that are merged already. */
  merged: number;
  tracing: "there" | "missing" | "locked" | "busy";
  hasDebugfs: boolean;
  lockdown: string;
  free_mib: number;
  /** Something is changed, and not put back. */
  changed: boolean;
  /** A trial that runs there. */
  running: string;
  /** Everybody else can be kept away from a trial's CPUs. */
  isolates: boolean;
  /** It counts how often its processor is slowed down for its heat. */
  countsThrottling: boolean;
}

/** "name=value" lines as an object; the last of a name holds. */
export function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").filter((line) => line.includes("=")).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** Reads what the verb `probe` says. */
export function parseProbe(text: string): ProbedHost {
  const said = valuesOf(text);
  const number = (name: string) => Number(said[name] || 0);
  return {
    arch: said.arch ?? "",
    kernel: said.kernel ?? "",
    version: said.version ?? "",
    boot_id: said.boot_id ?? "",
    page_bytes: number("page_bytes"),
    cores: (said.cores ?? "").split(" ").filter((word) => word !== "").map(Number),
    cpu: said.cpu ?? "",
    vendor: said.svm === "1" ? "svm" : said.vmx === "1" ? "vmx" : undefined,
    nested: said.hypervisor === "1",
    steadyTicks: said.constant_tsc === "1" && said.nonstop_tsc === "1",
    memory_mib: number("memory_mib"),
    available_mib: number("available_mib"),
    kvm: said.kvm as ProbedHost["kvm"],
    npt: /^[Y1]/.test(said.npt ?? ""),
    hasSwitch: said.switch !== "" && said.switch !== undefined,
    hasKsm: said.ksm !== "" && said.ksm !== undefined,
    merged: number("merged"),
    tracing: said.tracing as ProbedHost["tracing"],
    hasDebugfs: said.debugfs === "1",
    lockdown: said.lockdown ?? "",
    free_mib: number("free_mib"),
    changed: said.changed === "1",
    running: said.running ?? "",
    isolates: said.isolates === "1",
    countsThrottling: said.throttles === "1",
  };
}

/** As the bench has it. */
export function factsOf(host: ProbedHost): HostFacts {
  return {
    arch: host.arch,
    vendor: host.vendor ?? "none",
    kernels: [host.kernel],
    cpus: host.cores.length,
    page_bytes: host.page_bytes,
    hasSwitch: host.hasSwitch,
  };
}

/** What the VMM and the agent take beside each guest's memory. */
const beside_mib = 64;
/** Left to the host. */
const left_mib = 256;
/** Bundle, packed and unpacked, and records. */
const room_mib = 300;

/** Why nothing can be carried out there at all, as the end of a sentence; nothing if something can. */
export function objectionToHost(host: ProbedHost): string | undefined {
  if (host.arch !== "x86_64") {
    return `its architecture is ${host.arch}; the lab's programs are for x86_64`;
  }
  if (host.vendor === undefined) {
    return "its processor has neither svm nor vmx, or its firmware has switched them off";
  }
  if (host.kvm === "missing") return "it has no /dev/kvm: load kvm_amd or kvm_intel";
  if (host.kvm === "refused") return "its /dev/kvm cannot be opened";
  if (!host.hasKsm) return "its kernel has no KSM (no /sys/kernel/mm/ksm)";
  if (host.tracing === "locked" || host.lockdown === "confidentiality") {
    return "its kernel is locked down (confidentiality): neither tracefs nor debugfs can be used";
  }
  if (host.tracing === "missing") return "its kernel has no tracefs, by which vmexits are counted";
  if (host.tracing === "busy") {
    return "somebody has probes there (/sys/kernel/tracing/kprobe_events): take them away first";
  }
  if (!host.hasDebugfs) return "its kernel has no debugfs, in which KVM's counters are";
  if (host.free_mib < room_mib) {
    return `/var/lib has ${host.free_mib} MiB of free disk, ${room_mib} MiB are needed`;
  }
  return undefined;
}

/** Why such a trial cannot be carried out there, as the end of a sentence; nothing if it can. */
export function objectionToTrial(host: ProbedHost, settings: Settings): string | undefined {
  const { arm, kernel, mmu, host_cpus, guests, guest_memory_mib } = settings;
  if (arm === "stock" && host.hasSwitch) {
    return "its kernel has the switch, which the arm stock must not have";
  }
  if (arm !== "stock" && !host.hasSwitch) {
    return "its kernel has no switch kvm.change_pte: take --set arm=stock, or " +
      "`./lab host prepare` it with the patched kernel";
  }
  if (arm !== "stock" && !isOfLine(host.kernel, kernel)) {
    return `it runs Linux ${host.kernel}, and the trial is for ${kernel}`;
  }
  if ((mmu === "npt") !== host.npt) {
    return `its KVM was loaded ${
      host.npt ? "with" : "without"
    } second-level page tables, which is not ` +
      `mmu=${mmu}`;
  }
  if (host_cpus > host.cores.length) {
    return `host_cpus=${host_cpus}, and it has ${host.cores.length} cores`;
  }
  const needed_mib = guests * (guest_memory_mib + beside_mib) + left_mib;
  if (needed_mib > host.available_mib) {
    return `${guests} guests need ${needed_mib} MiB of memory, and ${host.available_mib} MiB are free`;
  }
  return undefined;
}

/** Settings that only an emulated machine has, none of which may be other than by default. */
const emulatedOnly = ["turn", "turn_seed", "host_memory_mib", "swap_mib", "debug_kernel"] as const;

/** Why no real host can carry out such a trial; nothing if one can. */
export function objectionToReal(
  settings: Settings,
  defaults: Readonly<Record<string, unknown>>,
): string | undefined {
  const odd = emulatedOnly.find((name) => settings[name] !== defaults[name]);
  return odd === undefined ? undefined : `${odd}=${settings[odd]} is of emulated hosts only`;
}

function isOfLine(kernel: string, line: string): boolean {
  return kernel === line || kernel.startsWith(`${line}.`) || kernel.startsWith(`${line}-`);
}

/** What makes records of this host others than those of another. */
export function identityFacts(host: ProbedHost): Record<string, string | number> {
  const { arch, cpu, kernel, version, memory_mib, cores, page_bytes } = host;
  return { arch, cpu, kernel, version, memory_mib, cores: cores.length, page_bytes };
}

/** What a run is to say, where it was carried out. */
export function warningsOf(host: ProbedHost): string[] {
  return [
    ...(host.nested
      ? ["it is a virtual machine itself: each vmexit there costs several of its own host's"]
      : []),
    ...(host.steadyTicks
      ? []
      : ["its time-stamp counter is not said to be constant: cycles are not to be relied on"]),
    ...(host.isolates ? [] : [
      "nobody is kept away from a trial's CPUs: there is no systemd with the controller cpuset",
    ]),
    ...(host.countsThrottling ? [] : [
      "it does not count how often its processor is slowed down for its heat: no trial is judged by that",
    ]),
    ...(host.merged > 0
      ? [`${host.merged} pages are merged there already: they are unmerged for each trial`]
      : []),
    ...(host.changed
      ? ["a trial was interrupted there: what it had changed is put back first"]
      : []),
  ];
}
