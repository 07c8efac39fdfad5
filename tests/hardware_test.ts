// SPDX-License-Identifier: Apache-2.0
/**
 * A real host from its first boot of the patched kernel to its page, as docs/HARDWARE.md tells it, on the
 * test machine: prepared, measured by ssh and by a lab of its own (`--host local`), and left. A kernel's
 * package is built and everything is carried out under an emulator: by name.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { reportNothing } from "../base/report.ts";
import { run } from "../base/process.ts";
import { casesOf } from "../base/whole_tests.ts";
import { startTestMachine, type TestMachine, untilItAnswers } from "../hosts/testing/machine.ts";
import { moreKernels } from "../hosts/testing/more_kernels.ts";
import {
  type Answer,
  lab,
  labWith,
  recordsOf,
  removeRun,
  reportPath,
  rows,
  runLine,
} from "./lab.ts";
import { builtParts, settleIn, startParts } from "./settle.ts";
import { shapeOf } from "./shapes.ts";

const line = "6.1";
const config = join(import.meta.dirname!, "testdata/test_machine.config");
/** A lab and two guests at a time. */
const memory_mib = 4096;
const labDisk_mib = 3000;
const packLimit_s = 600;
/** The machine is a slow one: a report takes it many minutes. */
const waits = "30m";
const lookEvery_ms = 5000;
const mostLooks = 700;
const small = ["smoke", "--set", "arm=off,on,map"] as const;

/** A file system with a lab that has settled, whose parts are those of this one. */
async function labDisk(dir: string): Promise<string> {
  const folder = join(dir, "settled");
  const image = join(dir, "lab.img");
  await Deno.mkdir(folder);
  await settleIn(folder, [...startParts, ...builtParts.filter((part) => part !== "debian")], 0);
  await run("mke2fs", [
    ...["-q", "-t", "ext4", "-E", "root_owner=0:0", "-d", folder, image, `${labDisk_mib}M`],
  ], { purpose: "pack a lab", timeLimit_s: packLimit_s });
  await Deno.remove(folder, { recursive: true });
  return image;
}

/** V8's optimizing compiler costs the emulator more than it spares, and was once seen to fail a check of its own there. */
const simply = "DENO_V8_FLAGS=--liftoff-only";

function assertDone({ status, stdout, stderr }: Answer): void {
  assertEquals(status, 0, `${stdout}\n${stderr}`);
}

/** Refaults of both arms that keep mappings are fewer. */
async function assertSpared(name: string): Promise<void> {
  const found = await rows(name, "refaults_per_merged_page");
  const [off, ...kept] = ["off", "on", "map"].map((arm) =>
    Number(found.find((row) => row.arm === arm)?.refaults)
  );
  for (const refaults of kept) assert(refaults < off!, JSON.stringify(found));
}

/** What was measured in time says so, and calls nothing exact. */
function assertSaysInTime(page: string): void {
  assertStringIncludes(page, "measured in time");
  assert(!/\bexact\b/.test(page), "its report calls something exact");
}

/** What a text of the shell's says there that takes longer than a line may be quiet. */
async function unattended({ script }: TestMachine, text: string): Promise<string> {
  await script(
    `(${text} >/root/out 2>/root/said; echo $? >/root/status) </dev/null >/dev/null 2>&1 &`,
  );
  for (let at = 0; at < mostLooks; at++) {
    const status = (await script("cat /root/status 2>/dev/null || true")).trim();
    if (status !== "") {
      assertEquals(status, "0", await script("cat /root/said"));
      return await script("cat /root/out");
    }
    await new Promise((resolve) => setTimeout(resolve, lookEvery_ms));
  }
  throw new Error(`it did not end: ${await script("tail /root/said")}`);
}

for (const by of casesOf(["grub"], () => [])) {
  Deno.test("a host is prepared, measured by ssh and by its own lab, and left", async (t) => {
    const dir = await Deno.makeTempDir({ prefix: "s" });
    try {
      /* What runs need is here before it is copied. */
      assertDone(await lab("build"));
      const made = await lab("build", "kernel", "--line", line, "--deb", "--config", config);
      assertDone(made);
      const deb = made.stdout.split("\n").find((path) => /linux-image-[^/]*\.deb$/.test(path))!;
      await using machine = await startTestMachine({
        ...{ dir, report: reportNothing, loader: true, files: moreKernels, memory_mib },
        disks: [await labDisk(dir)],
      });
      try {
        await walk(t, machine, by, deb);
      } catch (error) {
        console.error(`The machine's console:\n${(await machine.console()).slice(-3000)}`);
        throw error;
      }
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

async function walk(t: Deno.TestContext, machine: TestMachine, by: string, deb: string) {
  const ask = (...words: string[]) => labWith({ LAB_SSH_CONFIG: machine.config }, ...words);
  const host = `ssh://root@127.0.0.1:${machine.port}`;
  const { script } = machine;
  const before = (await machine.root("uname", "-r")).trim();
  /* Each builds on the one before. */
  const step = async (what: string, work: () => Promise<void>) => {
    if (!await t.step(what, work)) throw new Error(`it ends there: ${what}`);
  };
  const made: string[] = [];
  const runs = async (...words: string[]) => {
    const answer = await ask("run", ...words, "--json");
    assertDone(answer);
    const { run: name, failed } = runLine(answer);
    made.push(name);
    assertEquals(failed, 0, answer.stderr);
    assertSaysInTime(await Deno.readTextFile(reportPath(name, "index.html")));
    return name;
  };

  try {
    await step("the patched kernel is booted, this once", async () => {
      const answer = await ask("host", "prepare", host, "--deb", deb, "--by", by, "--wait", waits);
      assertDone(answer);
      assertStringIncludes(answer.stdout, "and the switch");
    });

    let shape: string[] = [];
    await step("trials of three arms by ssh", async () => {
      const name = await runs(...small, "--host", host);
      await assertSpared(name);
      shape = shapeOf(...await recordsOf(name));
    });

    await step(
      "the same by a lab of its own, with records of the same kinds and fields",
      async () => {
        await script("mkdir -p /mnt && mount /dev/vdc /mnt");
        const words = [...small, "--host", "local", "--json"].join(" ");
        const said = await unattended(
          machine,
          `cd /mnt/checkout && HOME=/mnt/home XDG_CACHE_HOME=/mnt/cache ${simply} ./lab run ${words}`,
        );
        const { run: name, failed } = JSON.parse(said) as { run: string; failed: number };
        assertEquals(failed, 0, said);
        const records = await script(`cat /mnt/checkout/reports/${name}/trials/*.jsonl`);
        assertEquals(shapeOf(records), shape);
        assertSaysInTime(await script(`cat /mnt/checkout/reports/${name}/index.html`));
      },
    );

    await step("the machine on one page", async () => {
      const few = ["--set", "workload=kernels", "--set", "thp=never", "--set", "seed=1"];
      const name = await runs("hardware", ...few, "--host", host);
      const costs = await rows(name, "machine_costs");
      assertEquals(costs.map(({ arm }) => arm).sort(), ["map", "off", "on"]);
      for (const row of costs) {
        for (const column of ["exit_ns", "fault_ns", "merged_per_s", "saved_mib_per_guest"]) {
          assert(Number(row[column]) > 0, `${column}: ${JSON.stringify(row)}`);
        }
      }
      const operations = await rows(name, "primitive_costs");
      assertEquals(operations.map(({ operation, others }) => `${operation}, ${others}`), [
        ...["guest flush, asleep", "guest flush, running", "interrupt, asleep"],
        ...["interrupt, running", "process flush, asleep", "process flush, running"],
        ...["refault, asleep", "vmexit, asleep"],
      ]);
    });

    await step("nothing is left once it has booted its own kernel again", async () => {
      const answer = await ask("host", "forget", host);
      assertEquals(answer.status, 1, answer.stderr);
      assertStringIncludes(answer.stdout, "restart the host first");
      await script('setsid sh -c "sleep 1; systemctl reboot" >/dev/null 2>&1 </dev/null &');
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await untilItAnswers(machine);
      assertEquals((await machine.root("uname", "-r")).trim(), before);
      assertDone(await ask("host", "forget", host));
      assertEquals(await script("ls /boot | grep -c samepage || true"), "0\n");
    });
  } finally {
    for (const name of made) await removeRun(name);
  }
}
