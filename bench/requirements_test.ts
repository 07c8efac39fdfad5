// SPDX-License-Identifier: Apache-2.0
import { assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { checkExperiment } from "./experiment.ts";

const factors = { workload: "process", guests: 2 };

async function check(changed: Record<string, unknown>): Promise<void> {
  const content = { title: "t", question: "q?", factors: { ...factors, ...changed } };
  await checkExperiment("x", content);
}

async function refusalOf(changed: Record<string, unknown>): Promise<string> {
  const error = await assertRejects(() => check(changed), LabError);
  return error.message;
}

Deno.test("requirePossible() refuses what a kernel line does not have, whichever other lines there are", async () => {
  for (
    const [changed, name] of [
      [{ smart_scan: "off" }, "/sys/kernel/mm/ksm/smart_scan"],
      [{ advisor_mode: ["default", "scan-time"] }, "/sys/kernel/mm/ksm/advisor_mode"],
      [{ carrier: "prctl" }, "PR_SET_MEMORY_MERGE"],
    ] as const
  ) {
    for (const kernel of ["6.1", ["6.12", "6.1"]]) {
      const message = await refusalOf({ ...changed, kernel });
      assertStringIncludes(message, name);
      assertStringIncludes(message, "Linux 6.1 does not have");
    }
    await check({ ...changed, kernel: "6.12" });
  }
  await check({ smart_scan: "default", advisor_mode: "default", kernel: ["6.1", "6.12"] });
});

Deno.test("requirePossible() lets only those workloads run as processes that can", async () => {
  const message = await refusalOf({ workload: ["process", "kernels"], carrier: ["vm", "madvise"] });
  assertStringIncludes(message, "kernels runs in guests only");
  await check({ carrier: ["vm", "madvise", "mapping"] });
});

Deno.test("requirePossible() refuses to trace where there are no guests", async () => {
  assertStringIncludes(await refusalOf({ carrier: "madvise", observe: "trace" }), "no guests");
});

Deno.test("requirePossible() refuses the debug kernel for the arm stock", async () => {
  assertStringIncludes(await refusalOf({ arm: ["stock", "on"], debug_kernel: "on" }), "stock");
});

Deno.test("requirePossible() refuses Debian's kernels in guests that are too small for them", async () => {
  const changed = { workload: "kernels", guest_kernel: ["6.1", "debian-6.1+debian-6.12"] };
  assertStringIncludes(
    await refusalOf({ ...changed, guest_memory_mib: [64, 256] }),
    "guests of 64 MiB cannot boot the kernel debian-6.1+debian-6.12",
  );
  await check({ ...changed, guest_memory_mib: 192 });
  await check({ workload: "kernels", guest_kernel: "6.1", guest_memory_mib: 64 });
});

Deno.test("requirePossible() refuses turns that change nothing, and virtual CPUs without guests", async () => {
  assertStringIncludes(await refusalOf({ turn_seed: [0, 3] }), "turn_seed=3 changes nothing");
  assertStringIncludes(await refusalOf({ host_cpus: [1, 2], turn: 1000 }), "host_cpus=1");
  await check({ host_cpus: [2, 4], turn: 1000, turn_seed: [0, 3], pin: "spread" });
  await check({ host_cpus: [1, 2] });
  assertStringIncludes(await refusalOf({ carrier: "madvise", vcpus: 2 }), "no guests");
});

Deno.test("requirePossible() refuses several virtual CPUs where a guest's kernel has one", async () => {
  const several = { vcpus: [1, 2], guest_memory_mib: 192 };
  for (const guest_kernel of ["6.1", "6.12", ["debian-6.1", "6.1+6.12"]]) {
    const message = await refusalOf({ ...several, workload: "kernels", guest_kernel });
    assertStringIncludes(message, "guests with vcpus=2 cannot have the kernel 6.1");
  }
  assertStringIncludes(await refusalOf({ ...several, workload: "kernels" }), "the kernel 6.1:");
  const guest_kernel = ["6.1-smp", "6.1-smp+6.12-smp", "debian-6.1", "debian-6.1+debian-6.12"];
  await check({ ...several, workload: "kernels", guest_kernel });
});
