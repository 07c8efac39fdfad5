// SPDX-License-Identifier: Apache-2.0
/**
 * The agent as a plain process that watches its own memory, below a root that is made up: files in
 * the place of KSM, of the switch and of the emulated machine's devices, processes as guests.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { run } from "../base/process.ts";
import { reportNothing } from "../base/report.ts";
import { analyzeAgent, buildGuestInit, buildWatchedAgent } from "../images/programs.ts";
import { workloadByName } from "../workloads/workload.ts";

type Plan = Record<string, string | number>;
type Entry = { kind: string; phase: string } & Record<string, unknown>;

const timeLimit_s = 60;
const ksm = "sys/kernel/mm/ksm";
const thp = "sys/kernel/mm/transparent_hugepage/enabled";
const changePte = "sys/module/kvm/parameters/change_pte";
const devices = "sys/bus/pci/devices";

const ksmFiles = {
  run: 0,
  full_scans: 0,
  pages_shared: 0,
  pages_sharing: 700,
  pages_to_scan: 100,
  sleep_millisecs: 20,
  use_zero_pages: 0,
  max_page_sharing: 256,
};

/** A whole plan but for what is this machine's: the number of its CPUs. */
const plan: Plan = {
  format: 2,
  output: "-",
  phases: "boot,load,settle,merge,touch,rewrite,restore,end",
  fork_after: "none",
  ticks_an_instruction: 0,
  tick_hz: 0,
  carrier: "madvise",
  arm: "on",
  seed: 5,
  guests: 2,
  guest_memory_mib: 64,
  vcpus: 1,
  pin: "free",
  swap_mib: 0,
  thp: "never",
  ksm: 1,
  pages_to_scan: 1234,
  sleep_millisecs: 7,
  use_zero_pages: 1,
  max_page_sharing: 99,
  smart_scan: "default",
  advisor_mode: "default",
  touch_rounds: 2,
  rewrite_permille: 100,
  live: 0,
  observe: "least",
  converge_scans: 3,
  converge_tolerance_permille: 5,
  merge_limit_ms: 30_000,
  "workload.pages": 64,
};

const dir = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
const agent = await buildWatchedAgent(dir);
const program = await buildGuestInit(await workloadByName("process"), reportNothing);
plan.host_cpus = await cpusHere();

function linesOf(plan: Plan): string {
  return Object.entries(plan).map(([key, value]) => `${key} ${value}\n`).join("");
}

async function writeFiles(root: string, files: Record<string, string | number | Uint8Array>) {
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    if (content instanceof Uint8Array) await Deno.writeFile(full, content);
    else await Deno.writeTextFile(full, `${content}\n`);
  }
}

/** A root of its own, with more files as they are given. */
async function newRoot(files: Record<string, string | number | Uint8Array> = {}): Promise<string> {
  const root = await Deno.makeTempDir({ dir });
  for (const folder of ["run", "guest"]) await Deno.mkdir(join(root, folder));
  await run("ln", ["-s", "/proc", join(root, "proc")], { purpose: "make a root", timeLimit_s: 5 });
  await Deno.copyFile(program, join(root, "guest/program"));
  await writeFiles(root, { [thp]: "always", [changePte]: "N", ...files });
  for (const [name, value] of Object.entries(ksmFiles)) {
    await writeFiles(root, { [join(ksm, name)]: value });
  }
  return root;
}

interface Outcome {
  status: number;
  records: Entry[];
  said: string;
}

/** @param wrapper what the agent is started through. */
async function carryOut(
  text: string,
  root: string,
  { output = ["-"], wrapper = [] as string[] } = {},
): Promise<Outcome> {
  const path = join(root, "plan");
  await Deno.writeTextFile(path, text);
  const [first, ...rest] = [...wrapper, agent, "--root", root, path, ...output];
  const { status, stdout, stderr } = await run(first!, rest, {
    purpose: "run the agent",
    timeLimit_s,
    accept: [1, 2],
  });
  const records = stdout.trim().split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);
  return { status, records, said: stderr };
}

/** As the agent counts them: CPUs that it may use. */
async function cpusHere(): Promise<number> {
  const { records } = await carryOut(linesOf({ ...plan, host_cpus: 0 }), await newRoot());
  return records[0]!.cpus as number;
}

/** What ksmd would do: one full scan after the other, as long as it is told to run. */
function scanning(root: string): () => void {
  let scans = 0;
  const timer = setInterval(() => {
    const mode = Deno.readTextFileSync(join(root, ksm, "run")).trim();
    if (mode !== "1") return;
    /* By a rename: the agent never finds the file emptied for the next number. */
    const path = join(root, ksm, "full_scans");
    Deno.writeTextFileSync(`${path}.next`, `${++scans}\n`);
    Deno.renameSync(`${path}.next`, path);
  }, 120);
  return () => clearInterval(timer);
}

async function withScanning(root: string, text: string, output = ["-"]): Promise<Outcome> {
  const stop = scanning(root);
  try {
    return await carryOut(text, root, { output });
  } finally {
    stop();
  }
}

async function valueOf(root: string, path: string): Promise<string> {
  return (await Deno.readTextFile(join(root, path))).trim();
}

/** The plan with something changed or (undefined) left out. */
function planBut(changes: Record<string, string | number | undefined>): string {
  const entries = Object.entries({ ...plan, ...changes })
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return linesOf(Object.fromEntries(entries));
}

async function assertRefused(text: string, reason: string, files = {}) {
  const { status, records, said } = await carryOut(text, await newRoot(files));
  assertStringIncludes(said, `agent: ${reason}`);
  assertEquals(status, 1);
  const last = records.at(-1);
  assertEquals([last?.kind, String(last?.reason).slice(0, reason.length)], ["failures", reason]);
}

Deno.test("the agent carries out a trial of processes and leaves its memory in order", async () => {
  const root = await newRoot();
  const { status, records, said } = await withScanning(root, linesOf(plan));
  assertEquals([said, status], ["", 0]);
  assertEquals(records.slice(0, 2).map(({ kind }) => kind), ["host", "plan"]);
  assertEquals(
    records.filter(({ kind, event }) => kind === "phases" && event === "end")
      .map(({ phase }) => phase).join(","),
    plan.phases,
  );
  const { arch, page_bytes, tick_hz } = records[0]!;
  assertEquals([arch, page_bytes], ["x86_64", 4096]);
  assert(tick_hz as number > 1e8, `a counter that runs at ${tick_hz} Hz`);
  assertEquals(records[1]!.pages_to_scan, 1234);

  const checksums = records.filter(({ kind, phase }) => kind === "touch" && phase === "touch")
    .map(({ guest, round, checksum }) => [`${guest} ${round}`, checksum] as const);
  assertEquals(checksums.map(([which]) => which), ["0 1", "1 1", "0 2", "1 2"]);
  assertEquals(checksums[0]![1], checksums[2]![1], "what a guest reads stays the same");
  assertEquals(await valueOf(root, thp), "never");
  assertEquals(await valueOf(root, changePte), "1");
  for (const name of ["pages_to_scan", "sleep_millisecs", "use_zero_pages", "max_page_sharing"]) {
    assertEquals(await valueOf(root, join(ksm, name)), String(plan[name]), name);
  }
  assertEquals(await valueOf(root, join(ksm, "run")), "0", "nothing is scanned after merge");
});

Deno.test("arm and KSM's settings are set behind settle, not before", async () => {
  const root = await newRoot();
  await carryOut(planBut({ phases: "boot,load,settle" }), root);
  assertEquals([await valueOf(root, changePte), await valueOf(root, join(ksm, "run"))], ["N", "2"]);
  assertEquals(await valueOf(root, join(ksm, "pages_to_scan")), "100");
  const other = await newRoot();
  await carryOut(planBut({ phases: "boot,load,settle,end" }), other);
  assertEquals(await valueOf(other, join(ksm, "pages_to_scan")), "1234");
});

Deno.test("a plan that lacks a setting, or says something wrong, is refused by name", async () => {
  await assertRefused(
    planBut({ touch_rounds: undefined, phases: "touch" }),
    "the plan does not say 'touch_rounds'",
  );
  await assertRefused(planBut({ thp: undefined }), "the plan does not say 'thp'");
  await assertRefused(planBut({ phases: "boot,melt" }), "the plan names an unknown phase 'melt'");
  await assertRefused(
    planBut({ guests: "two" }),
    "the plan's 'guests' is 'two', which is no number",
  );
  await assertRefused(planBut({ guests: 1000 }), "1000 guests asked for, 1 to 128 are possible");
  await assertRefused(
    planBut({ format: 1 }),
    "the plan has format 1, this agent carries out format 2",
  );
  await assertRefused(
    planBut({ fork_after: "grow" }),
    "the plan forks after 'grow', which is none",
  );
  await assertRefused(planBut({ host_cpus: 999 }), "the plan is for a host with host_cpus=999");
  await assertRefused(
    planBut({ pin: "tight" }),
    "the plan's pin is 'tight', not 'free' or 'spread'",
  );
  await assertRefused(linesOf(plan) + "seed 6\n", "the plan names 'seed' twice");
  await assertRefused(linesOf(plan) + "word\n", "the plan's line 32 is no 'key value' line: word");
  await assertRefused(
    planBut({ arm: "stock", phases: "touch" }),
    "the arm is 'stock', but this kernel has",
  );
  await assertRefused(
    planBut({ carrier: "vm", "vmm.kinds": 1, "vmm.argument": "/no/such/vmm" }),
    "guest 0 ended (exit status of its process: 127)",
  );
});

Deno.test("a plan is read whole however long, and refused when no record can hold it", async () => {
  const long = Object.fromEntries(
    Array.from({ length: 1500 }, (_, index) => [`workload.parameter_${index}`, index]),
  );
  const { records } = await carryOut(planBut({ ...long, host_cpus: 0 }), await newRoot());
  assertEquals(records[1]!["workload.parameter_1499"], 1499);
  await assertRefused(planBut({ note: "x".repeat(70_000) }), "a record of plan is longer than");
});

Deno.test("a file that is longer than expected fails the trial instead of being cut", async () => {
  const root = await newRoot({ [`${devices}/00/device`]: "0x1110".padEnd(40) });
  const { status, said } = await carryOut(planBut({ output: "shared-memory" }), root, {
    output: [],
  });
  assertEquals(status, 1);
  assertStringIncludes(said, `${devices}/00/device is longer than the 31 bytes that were expected`);
});

Deno.test("an output that takes nothing more ends the agent with its reason", async () => {
  const full = ["sh", "-c", 'exec "$@" >/dev/full', "sh"];
  const { status, said } = await carryOut(linesOf(plan), await newRoot(), { wrapper: full });
  assertEquals(status, 1);
  assertStringIncludes(said, "agent: no output: write: No space left on device");
  const closed = ["sh", "-c", '"$@" | true', "sh"];
  const gone = await carryOut(linesOf(plan), await newRoot(), { wrapper: closed });
  assertStringIncludes(gone.said, "agent: no output: write: Broken pipe");
});

/** A PCI device whose memory is a file. */
function device(name: string, vendor: number, id: number, bars: Record<number, Uint8Array>) {
  const at = `${devices}/${name}`;
  return {
    [`${at}/vendor`]: `0x${vendor.toString(16)}`,
    [`${at}/device`]: `0x${id.toString(16)}`,
    [`${at}/enable`]: 0,
    ...Object.fromEntries(
      Object.entries(bars).map(([bar, bytes]) => [`${at}/resource${bar}`, bytes]),
    ),
  };
}

const sharedMemory = (bytes: number) => device("01", 0x1af4, 0x1110, { 2: new Uint8Array(bytes) });

async function readShared(root: string): Promise<{ state: bigint; records: Entry[] }> {
  const bytes = await Deno.readFile(join(root, devices, "01/resource2"));
  const header = new DataView(bytes.buffer);
  const text = new TextDecoder().decode(
    bytes.subarray(4096, 4096 + Number(header.getBigUint64(8, true))),
  );
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 8)), "SAMEPAGE");
  return {
    state: header.getBigUint64(16, true),
    records: text.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
  };
}

Deno.test("records go to shared memory with a header, as far as there is room", async () => {
  const text = planBut({ output: "shared-memory", phases: "boot,end" });
  const root = await newRoot(sharedMemory(1 << 20));
  assertEquals((await carryOut(text, root, { output: [] })).said, "");
  const { state, records } = await readShared(root);
  assertEquals([state, records[0]!.kind, records.at(-1)!.phase], [1n, "host", "end"]);

  const small = await newRoot(sharedMemory(4096 + 500));
  const { status, said } = await carryOut(text, small, { output: [] });
  assertEquals(status, 1);
  assertStringIncludes(said, "the shared memory is full");
  assertEquals((await readShared(small)).state, 3n);
});

/** A device that stops nothing: there is a rest of the plan at once. */
function checkpointDevice(rest: string) {
  const registers = new Uint8Array(4096);
  registers.set(new TextEncoder().encode("CHK1"));
  const window = new Uint8Array(65536);
  window.set(new TextEncoder().encode(rest));
  return device("02", 0x1234, 0x4c43, { 0: registers, 2: window });
}

Deno.test("a trial that forks acts on the rest of the plan, and on nothing in it twice", async () => {
  const common = planBut({ fork_after: "settle", arm: undefined, touch_rounds: undefined });
  const rest = linesOf({
    seed: 5,
    arm: "off",
    pages_to_scan: 55,
    touch_rounds: 1,
    "workload.pages": 64,
  });
  const root = await newRoot(checkpointDevice(rest));
  const { records, said } = await withScanning(root, common);
  assertEquals(said, "");
  const plans = records.filter(({ kind }) => kind === "plan");
  assertEquals(plans.map(({ phase, arm, pages_to_scan }) => [phase, arm, pages_to_scan]), [
    ["boot", undefined, 1234],
    ["settle", "off", 55],
  ]);
  assertEquals(await valueOf(root, changePte), "0");
  assertEquals(await valueOf(root, join(ksm, "pages_to_scan")), "55");
  assertEquals(
    (await Deno.readFile(join(root, devices, "02/resource0")))[8],
    1,
    "it was asked for",
  );

  const refused = (rest: string, reason: string) =>
    assertRefused(common, reason, checkpointDevice(rest));
  await refused("seed 6\n", "the plan's 'seed' was acted on before the checkpoint as '5'");
  await refused("workload.pages 65\n", "the plan's 'workload.pages' was acted on");
  await refused("phases boot,load,merge\n", "the plan's phases up to the checkpoint");
  await refused("", "the machine went on from its checkpoint without the rest of the plan");
  await assertRefused(common, "the plan forks after 'settle', but this machine has no device");
});

Deno.test("the compiler's analysis finds nothing in the agent, and what is planted", async () => {
  await analyzeAgent();
  const planted = join(dir, "planted.c");
  await Deno.writeTextFile(planted, "#include <stdlib.h>\nvoid f(char *p) { free(p); free(p); }\n");
  const error = await assertRejects(() => analyzeAgent([planted]), LabError);
  assertStringIncludes(error.message, "planted.c:2:28: error");
});
