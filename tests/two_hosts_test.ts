// SPDX-License-Identifier: Apache-2.0
/** Two real hosts of which one is switched off in the midst of a trial. Two emulators and minutes of waiting: by name. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { reportNothing } from "../base/report.ts";
import { casesOf } from "../base/whole_tests.ts";
import { configText } from "../hosts/testing/keys.ts";
import { startTestMachine, type TestMachine } from "../hosts/testing/machine.ts";
import { labWith, removeRun, runLine } from "./lab.ts";

const seeds = [1, 2, 3];
const lookEvery_ms = 1000;
/** Canaries and trials before it, on a busy machine. */
const mostLooks = 3600;

/** Waits until a trial that touches, which a canary does not, has loaded. */
async function untilMeasuring({ script }: TestMachine): Promise<void> {
  const look = "grep -l ,touch, /var/lib/samepage-lab/trials/*/plan | sed s/plan$/records/ " +
    "| xargs -r grep -l load";
  for (let at = 0; at < mostLooks; at++) {
    const found = await script(`${look} 2>/dev/null || true`).catch(() => "");
    if (found !== "") return;
    await new Promise((resolve) => setTimeout(resolve, lookEvery_ms));
  }
  throw new Error("no trial was seen there");
}

for (const arm of casesOf(["stock"], () => [])) {
  Deno.test("a host that is gone is left alone, and its block goes to another", async () => {
    const dir = await Deno.makeTempDir({ prefix: "s" });
    const folders = ["a", "b"].map((name) => join(dir, name));
    try {
      for (const folder of folders) await Deno.mkdir(folder);
      const [dirA, dirB] = folders as [string, string];
      await using stays = await startTestMachine({ dir: dirA, report: reportNothing });
      const goes = await startTestMachine({ dir: dirB, report: reportNothing });
      const [a, b] = [stays, goes].map(({ port }) => `ssh://root@127.0.0.1:${port}`);
      const words = [...["--set", `arm=${arm}`, "--set", `seed=${seeds.join()}`], "--json"];
      const config = join(dir, "ssh_config");
      await Deno.writeTextFile(config, configText(folders));
      const running = labWith(
        { LAB_SSH_CONFIG: config },
        ...["run", "smoke", ...words, "--host", `${a},${b}`],
      );
      try {
        await untilMeasuring(goes);
      } finally {
        await goes[Symbol.asyncDispose]();
      }
      const answer = await running;
      assertEquals(answer.status, 0, answer.stderr);
      const { run, trials, failed, waiting } = runLine(answer);
      assertEquals([trials, failed, waiting], [seeds.length, 0, 0], answer.stderr);
      assertStringIncludes(answer.stderr, b!);
      await removeRun(run);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
