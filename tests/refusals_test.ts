// SPDX-License-Identifier: Apache-2.0
/** What is wrong with a request is said in a sentence, with exit status 2, before any work. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { lab } from "./lab.ts";

const refusals: [args: string[], says: string][] = [
  [["rum"], 'Did you mean "run"?'],
  [["run", "defualt"], "there is no such experiment"],
  [["run", "smoke", "--set", "gusts=2"], '"gusts"'],
  [["run", "smoke", "--set", "guests=many"], 'guests: "many" is not a whole number'],
  [["run", "smoke", "--set", "guests=9999"], "from 1 to 64"],
  [
    ["run", "smoke", "--set", "aslr=true"],
    'aslr: "true" is not one of off, on; did you mean "on"?',
  ],
  [
    ["run", "smoke", "--set", "arm=onn"],
    '"onn" is not one of stock, off, on, map, flip; did you mean "on"?',
  ],
  [["run", "smoke", "--set", "workload=nothing"], "Workloads: kernels, libraries, pagecache"],
  [["run", "smoke", "--set", "smart_scan=on"], "smart_scan, which Linux 6.1 does not have"],
  [["run", "smoke", "--set", "carrier=madvise"], "pagecache runs in guests only"],
  [["run", "smoke", "--set", "workload.held_as=3"], "0 to 2"],
  [["run", "smoke", "--jobs", "0"], "--jobs 0"],
  [["run", "smoke", "--hots", "x"], "--hots"],
  [["run", "smoke", "--host", "moon"], '"moon"'],
  [["run", "smoke", "--host", "local", "--on", "slurm"], "salloc --exclusive --nodelist=N1,N2"],
  [["report", "no-such-run"], "no-such-run"],
  [["compare", "no-such-run", "no-such-run"], "no-such-run"],
  [["compare", "one"], "it needs RUN"],
  [["report", "one", "two"], '"two" is one word too many'],
  [["doctor", "now"], '"now" is one word too many'],
  [["query", "no-such-run", "SELECT 1"], "no-such-run"],
  [["view"], "it needs RUN"],
  [["view", "no-such-run"], "no-such-run"],
  [["view", "no-such-run", "--port", "99999"], '"99999" is no port'],
  [["view", "no-such-run", "--port=-1"], '"-1" is no port'],
];

for (const [args, says] of refusals) {
  Deno.test(`./lab ${args.join(" ")} is refused in words`, async () => {
    const { status, stdout, stderr } = await lab(...args);
    assertEquals(status, 2, stderr);
    assertEquals(stdout, "");
    assertStringIncludes(stderr, says);
    assert(!stderr.includes("    at "), `a stack trace:\n${stderr}`);
  });
}
