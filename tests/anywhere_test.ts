// SPDX-License-Identifier: Apache-2.0
/** A trial gives the same bytes wherever, whenever and by whomever it is carried out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";
import { keepCoreBusy, lab, removeRun, reportPath, root, runLine } from "./lab.ts";
import { builtParts, settleIn, startParts } from "./settle.ts";

/** Its own user, where this one may become another. */
const isRoot = Deno.uid() === 0;
const nobody = 65534;

const libfaketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/** What a lab elsewhere sees: nothing of it is as it is here. */
const elsewhere = {
  TZ: "Pacific/Chatham",
  LANG: "tr_TR.UTF-8",
  LC_ALL: "tr_TR.UTF-8",
  LD_PRELOAD: libfaketime,
  FAKETIME: "+3000d",
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
  NO_FAKE_STAT: "1",
};

Deno.test("a trial is the same for another user, folder, language and date, on one busy core", async () => {
  const here = await lab("run", "smoke", "--set", "arm=on", "--json");
  assertEquals(here.status, 0, here.stderr);
  const { run: name } = runLine(here);
  const dir = await Deno.makeTempDir();
  const load = [keepCoreBusy(), keepCoreBusy()];
  try {
    await settleIn(dir, [...startParts, ...builtParts], nobody);
    await run("cp", ["-r", reportPath(name, ""), "run"], {
      ...{ cwd: dir, purpose: "copy the run", timeLimit_s: 60 },
    });
    const environment = {
      ...{ HOME: join(dir, "home"), XDG_CACHE_HOME: join(dir, "cache") },
      ...elsewhere,
    };
    const asOther = [
      ...["taskset", "-c", "0"],
      /* The clock since boot, for the emulator too; the date is the lab's alone to see. */
      ...(isRoot ? ["unshare", "--time", "--monotonic", "86400000", "--boottime", "86400000"] : []),
      ...(isRoot ? [`--setuid=${nobody}`, `--setgid=${nobody}`, "--fork"] : []),
      "env",
      ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    ];
    const [program, ...args] = [
      ...asOther,
      join(dir, "checkout", "lab"),
      "verify",
      join(dir, "run"),
    ];
    const { stdout, stderr } = await run(program!, [...args, "--jobs", "1", "--json"], {
      ...{ cwd: dir, purpose: "verify elsewhere", timeLimit_s: 900, accept: [1, 2] },
    });
    assertStringIncludes(stdout, "{", stderr);
    const { verified, differing, inputs } = JSON.parse(stdout);
    assertEquals([verified, differing, inputs], [1, 0, []], stderr);
  } finally {
    for (const worker of load) worker.terminate();
    await Deno.remove(dir, { recursive: true });
    await removeRun(name);
  }
});

Deno.test("nothing that a run leaves behind names who ran it, or where", async () => {
  const ask = async (program: string, ...args: string[]) =>
    (await run(program, args, { purpose: "ask for a name", timeLimit_s: 10 })).stdout.trim();
  const [machine, home] = [await ask("uname", "-n"), Deno.env.get("HOME") ?? ""];
  const given = join(root, "experiments", "smoke.json");
  const plain = runLine(await lab("run", given, "--set", "arm=on", "--json"));
  const named = runLine(await lab("run", "smoke", "--set", "arm=on", "--with-names", "--json"));
  try {
    /* A name such as "root" is a word of the guests' consoles too; with its home it is not. */
    const secrets = [machine, home, root, cacheRoot()].filter((text) => text.length > 3);
    const found = await run("grep", [
      ...["-rlF", ...secrets.flatMap((text) => ["-e", text])],
      reportPath(plain.run, ""),
    ], { purpose: "look for names", timeLimit_s: 60, accept: [1] });
    assertEquals(found.stdout, "");
    const record = JSON.parse(await Deno.readTextFile(reportPath(plain.run, "run.json")));
    assertEquals([record.names, record.command[1]], [null, "smoke.json"]);
    const { names } = JSON.parse(await Deno.readTextFile(reportPath(named.run, "run.json")));
    assertEquals(names, { user: await ask("id", "-un"), machine, folder: root });
  } finally {
    await removeRun(plain.run);
    await removeRun(named.run);
  }
});
