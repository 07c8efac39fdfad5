// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import {
  objectionToHost,
  objectionToReal,
  objectionToTrial,
  parseProbe,
  warningsOf,
} from "./facts.ts";

const settings: Settings = { ...defaultSettings, workload: "kernels", arm: "stock" };

/** As a server says it that can do all. */
const sound = {
  ...{ uid: "0", arch: "x86_64", kernel: "6.1.0-56-amd64", version: "#1 SMP", boot_id: "b" },
  ...{
    page_bytes: "4096",
    cores: "0 2 4 6 ",
    cpu: "A processor",
    svm: "1",
    vmx: "0",
    hypervisor: "0",
  },
  ...{
    constant_tsc: "1",
    nonstop_tsc: "1",
    memory_mib: "8000",
    available_mib: "7000",
    kvm: "there",
  },
  ...{
    npt: "Y",
    switch: "",
    ksm: "0",
    merged: "0",
    tracing: "there",
    debugfs: "1",
    lockdown: "none",
  },
  ...{ free_mib: "5000", systemd: "1", changed: "0", running: "", throttles: "1", isolates: "1" },
};

function hostWith(more: Partial<Record<keyof typeof sound, string>> = {}) {
  return parseProbe(
    Object.entries({ ...sound, ...more }).map(([name, value]) => `${name}=${value}\n`).join(""),
  );
}

Deno.test("nothing speaks against a sound host", () => {
  assertEquals(objectionToHost(hostWith()), undefined);
  assertEquals(objectionToTrial(hostWith(), settings), undefined);
  assertEquals(warningsOf(hostWith()), []);
  assertEquals(hostWith().cores, [0, 2, 4, 6]);
});

const refused: [Parameters<typeof hostWith>[0], string][] = [
  [{ arch: "aarch64" }, "its architecture is aarch64"],
  [{ svm: "0" }, "neither svm nor vmx"],
  [{ kvm: "missing" }, "no /dev/kvm"],
  [{ kvm: "refused" }, "cannot be opened"],
  [{ ksm: "" }, "no KSM"],
  [{ tracing: "locked" }, "locked down"],
  [{ tracing: "missing" }, "no tracefs"],
  [{ tracing: "busy" }, "somebody has probes"],
  [{ debugfs: "0" }, "no debugfs"],
  [{ free_mib: "10" }, "10 MiB of free disk"],
];

for (const [more, says] of refused) {
  Deno.test(`a host is refused with one sentence: ${says}`, () => {
    assertStringIncludes(objectionToHost(hostWith(more)) ?? "", says);
  });
}

Deno.test("a trial is refused for the switch, the line, the paging, the cores and the memory", () => {
  const objection = (host: Parameters<typeof hostWith>[0], more: Partial<Settings>) =>
    objectionToTrial(hostWith(host), { ...settings, ...more } as Settings) ?? "";
  assertStringIncludes(objection({ switch: "Y" }, {}), "must not have");
  assertStringIncludes(objection({}, { arm: "on" }), "no switch kvm.change_pte");
  assertStringIncludes(
    objection({ switch: "N" }, { arm: "on", kernel: "6.12" }),
    "the trial is for 6.12",
  );
  assertEquals(objection({ switch: "N" }, { arm: "on", kernel: "6.1" }), "");
  assertStringIncludes(objection({ npt: "N" }, {}), "not mmu=npt");
  assertStringIncludes(objection({ cores: "0" }, { host_cpus: 2 }), "it has 1 cores");
  assertStringIncludes(objection({ available_mib: "600" }, {}), "4 guests need 768 MiB");
});

Deno.test("settings of emulated hosts alone are refused by name", () => {
  assertEquals(objectionToReal(settings, defaultSettings), undefined);
  assertEquals(
    objectionToReal({ ...settings, swap_mib: 64 }, defaultSettings),
    "swap_mib=64 is of emulated hosts only",
  );
});

Deno.test("a virtual machine, an unsteady counter and merged pages are said", () => {
  assertEquals(warningsOf(hostWith({ hypervisor: "1", nonstop_tsc: "0", merged: "7" })).length, 3);
  assertStringIncludes(warningsOf(hostWith({ isolates: "0" })).join(), "nobody is kept away");
  assertStringIncludes(warningsOf(hostWith({ throttles: "0" })).join(), "slowed down for its heat");
});
