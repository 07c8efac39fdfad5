// SPDX-License-Identifier: Apache-2.0
import { assertStringIncludes } from "@std/assert";
import type { Trial } from "../contract/trial.ts";
import type { Parts } from "../hosts/emulated/parts.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { defaultSettings, type Settings } from "../contract/settings.ts";
import { replayOf } from "./replay.ts";

/** The emulator's arguments of a trial with these settings, as they stand in a pack. */
async function argumentsFor(settings: Partial<Settings>): Promise<string> {
  const path = await Deno.makeTempFile();
  const hosts = new Map(["stock", "patched", "debug"].map((variant) => [`6.1 ${variant}`, {}]));
  const image = { path, disk: undefined, workload: "kernels", guestKernel: "6.1" };
  try {
    const trial = { id: "t", settings: { ...defaultSettings, workload: "kernels", ...settings } };
    const replay = await replayOf(
      [{ trial: { ...trial, phases: [] } as unknown as Trial, entry: {} as TrialEntry }],
      { hosts, images: [image] } as unknown as Parts,
    );
    return String(replay.get("replay/t/arguments"));
  } finally {
    await Deno.remove(image.path);
  }
}

Deno.test("replayOf() names the host kernel that each arm runs on", async () => {
  const kernels = { stock: { arm: "stock" }, patched: { arm: "flip" } } as const;
  for (const [variant, settings] of Object.entries(kernels)) {
    assertStringIncludes(
      await argumentsFor(settings),
      `\nbinaries/host-kernel-6.1-${variant}/vmlinux\n`,
    );
  }
});

Deno.test("replayOf() names the debug kernel where the trial ran on it", async () => {
  assertStringIncludes(
    await argumentsFor({ arm: "on", debug_kernel: "on" }),
    "\nbinaries/host-kernel-6.1-debug/vmlinux\n",
  );
});
