// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run } from "../base/process.ts";
import { settingNames } from "../contract/settings.ts";
import { cacheRoot } from "../store/cache.ts";
import { parseCommandLine } from "./command_line.ts";

const root = join(import.meta.dirname!, "..");

/** What is proposed for the last of these words. */
async function proposed(...words: string[]): Promise<string[]> {
  const parsed = await parseCommandLine(["complete", "--", ...words]);
  assert("show" in parsed);
  return parsed.show.split("\n").filter((line) => line !== "").map((line) => line.split("\t")[0]!);
}

Deno.test("verbs, options and their values are proposed", async () => {
  assertEquals(await proposed("re"), ["report", "reference"]);
  assertEquals(await proposed("help", "ver"), ["verify"]);
  assertEquals(await proposed("run", "--re"), ["--resume"]);
  assertEquals(await proposed("report", "--engine", "n"), ["native"]);
  assertEquals(await proposed("report", "--engine=n"), ["--engine=native"]);
  assertEquals(await proposed("build", "k"), ["kernel"]);
  assertEquals(await proposed("nothing", "x"), []);
});

Deno.test("experiments, questions and packs are proposed by their names", async () => {
  assertEquals(await proposed("run", "sm"), ["smoke"]);
  assertEquals(await proposed("query", "RUN", "refault_"), ["refault_cost"]);
  assertEquals(await proposed("verify", "ref"), ["reference"]);
});

Deno.test("factors are proposed after --set, and their levels behind the equals sign", async () => {
  assertEquals(await proposed("run", "--set", ""), settingNames.map((name) => `${name}=`));
  assertEquals(await proposed("run", "--set", "arm=o"), ["arm=off", "arm=on"]);
  assertEquals(await proposed("run", "--set", "arm=off,o"), ["arm=off,on"]);
  assertEquals(await proposed("run", "--set=thp=a"), ["--set=thp=always"]);
  assertEquals(await proposed("run", "--set", "host_cpus="), [
    "host_cpus=1",
    "host_cpus=2",
    "host_cpus=4",
  ]);
  assertEquals(await proposed("run", "--set", "workload=lib"), ["workload=libraries"]);
});

Deno.test("bash completes what is typed, also behind an equals sign", async () => {
  const script = `eval "$(./lab completion bash)"
for line in './lab ve' './lab run --set thp=' './lab run --set arm=off,o' './lab run '; do
  COMP_LINE=$line COMP_POINT=\${#line}
  _samepage_lab 2>/dev/null
  echo "\${COMPREPLY[*]}"
done`;
  const { stdout } = await run("bash", ["-c", script], {
    cwd: root,
    purpose: "complete in bash",
    timeLimit_s: 120,
    env: { XDG_CACHE_HOME: join(cacheRoot(), "..") },
  });
  const [verb, levels, more, experiments] = stdout.trimEnd().split("\n");
  assertEquals([verb, levels, more], ["verify", "never madvise always", "off,on"]);
  assert(experiments!.split(" ").includes("smoke"), experiments);
});
