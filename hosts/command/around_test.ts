// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run } from "../../base/process.ts";
import { readRecords } from "../../contract/record.ts";
import { script } from "./on_host.ts";
import { interruptsIn, primitivesIn, stolenIn, throttledIn, withCounted } from "./around.ts";

/** Of a virtual machine with two CPUs: user nice system idle iowait irq softirq steal guest guest_nice. */
const stat = [
  "cpu0 3533772 1210872 1376596 1253039 6176 0 9664 1042 0 0",
  "cpu1 3468372 1236362 1454181 1184105 23144 0 23100 7 0 0",
];

Deno.test("stolenIn() takes the time that another machine had of these CPUs alone", () => {
  assertEquals(stolenIn(stat, [0, 1]), 10_490_000_000);
  assertEquals(stolenIn(stat, [1]), 70_000_000);
  /* A kernel that does not count it. */
  assertEquals(stolenIn(["cpu0 1 2 3 4"], [0]), null);
  assertEquals(stolenIn([], [0]), null);
});

Deno.test("throttledIn() takes each core's count, and the package's once", () => {
  const counts = ["core 0 5", "core 1 2", "core 2 9", "package 0 4", "package 1 4", "package 2 4"];
  assertEquals(throttledIn(counts, [0, 1]), 11);
  assertEquals(throttledIn([], [0, 1]), null);
});

const interrupts = `           CPU0       CPU1
 24:          1          0  IO-APIC   5-edge      ACPI:Ged
 36:          2    8392637  PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
NMI:          0          0   Non-maskable interrupts
LOC:   18987122   19111931   Local timer interrupts
ERR:          0
`.trimEnd().split("\n");

Deno.test("interruptsIn() names them as the agent does", () => {
  assertEquals(interruptsIn(interrupts), [
    { cpu: 0, name: "devices", count: 3 },
    { cpu: 1, name: "devices", count: 8392637 },
    { cpu: 0, name: "LOC", count: 18987122 },
    { cpu: 1, name: "LOC", count: 19111931 },
  ]);
});

Deno.test("primitivesIn() reads what was measured, and leaves out what is cut off", () => {
  assertEquals(
    primitivesIn([
      "guest flush running 1000 11442 17150",
      "vmexit asleep 100 4383 5902",
      "refault as",
    ]),
    [
      {
        ...{ operation: "guest flush", others: "running", rounds: 1000 },
        ...{ least_ticks: 11442, median_ticks: 17150 },
      },
      {
        ...{ operation: "vmexit", others: "asleep", rounds: 100 },
        ...{ least_ticks: 4383, median_ticks: 5902 },
      },
    ],
  );
});

function moment(steal: number, merging: string): string {
  return [
    ...["@ stat", `cpu1 1 2 3 4 5 6 7 ${steal} 0 0`, "@ throttled", "@ ksm", "pages_shared:10"],
    ...["pages_sharing:90", "@ merging", merging, "@ ksmd", "777000 5 6", "1 2 3"],
    ...["@ vmstat", "nr_free_pages 5", "nr_tlb_local_flush_all 8", "cow_ksm 44", "@ interrupts"],
    ...[...interrupts, "@ whole"],
  ].join("\n");
}

const own = '{"t_ns":5,"phase":"boot","kind":"phases","event":"begin"}\n' +
  '{"t_ns":9,"phase":"end","kind":"phases","event":"end"}\n';

Deno.test("withCounted() puts before the records what they count from, and behind them how the host was left", () => {
  const measured = "@ primitives\ninterrupt asleep 9 1 2\n";
  const text = `@ before\n${measured}${moment(100, "90")}\n@ after\n${moment(103, "0")}\n`;
  const records = new TextDecoder().decode(withCounted(new TextEncoder().encode(own), text, [1]));
  const [around, ksmd, events, ...others] = readRecords(records);
  const moments = { throttled: null, pages_shared: 10, pages_sharing: 90 };
  const before = { t_ns: 5, phase: "before" };
  assertEquals(around, {
    ...{ ...before, kind: "surroundings", event: "before", ...moments },
    ...{ stolen_ns: 1_000_000_000, merged_elsewhere: 90 },
  });
  assertEquals(ksmd, { ...before, kind: "cpu", task: "ksmd", run_ns: 777_000 });
  assertEquals(events, { ...before, kind: "vm_events", nr_tlb_local_flush_all: 8, cow_ksm: 44 });
  assertEquals(others.filter(({ kind }) => kind === "interrupts").length, 4);
  assertEquals(others.find(({ kind }) => kind === "primitives"), {
    ...{ ...before, kind: "primitives", operation: "interrupt", others: "asleep", rounds: 9 },
    ...{ least_ticks: 1, median_ticks: 2 },
  });
  assertEquals(records.includes(own), true);
  assertEquals(others.at(-1), {
    ...{ t_ns: 9, phase: "end", kind: "surroundings", event: "after", ...moments },
    ...{ stolen_ns: 1_030_000_000, merged_elsewhere: 0 },
  });
});

Deno.test("withCounted() says nothing of a moment that is not whole, and leaves what is no record alone", () => {
  const half = moment(1, "0").replace("@ whole", "");
  const bytes = new TextEncoder().encode(own);
  const said = (text: string) => new TextDecoder().decode(withCounted(bytes, text, [1]));
  assertEquals(said(`@ before\n${half}\n@ after\n`), own);
  assertEquals(said(""), own);
  const garbage = new TextEncoder().encode("?\n");
  assertEquals(withCounted(garbage, `@ before\n${moment(1, "0")}\n`, [1]), garbage);
});

Deno.test("host.sh gives out both moments as they were written down, and what is missing as nothing", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(dir, "trials/t1"), { recursive: true });
    await Deno.writeTextFile(join(dir, "trials/t1/before"), `${moment(1, "0")}\n`);
    const counted = async () => {
      const { stdout } = await run("sh", ["-s", "--", "counted", "t1"], {
        ...{ purpose: "call host.sh", timeLimit_s: 60, stdin: script, env: { SAMEPAGE_KEPT: dir } },
      });
      return stdout;
    };
    assertEquals(await counted(), `@ before\n${moment(1, "0")}\n@ after\n`);
    await Deno.writeTextFile(join(dir, "trials/t1/after"), `${moment(2, "0")}\n`);
    assertEquals(await counted(), `@ before\n${moment(1, "0")}\n@ after\n${moment(2, "0")}\n`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("around.sh says a whole moment of this machine", async () => {
  const text = join(import.meta.dirname!, "around.sh");
  const { stdout } = await run("sh", ["-euc", '. "$0"; around', text], {
    ...{ purpose: "look at this machine", timeLimit_s: 60 },
  });
  const cpus = [...stdout.matchAll(/^cpu(\d+) /gm)].map(([, cpu]) => Number(cpu));
  const bytes = withCounted(new TextEncoder().encode(own), `@ before\n${stdout}`, cpus);
  const records = readRecords(new TextDecoder().decode(bytes));
  const around = records.find(({ kind }) => kind === "surroundings")!;
  assertEquals(typeof around.stolen_ns, "number");
  assertEquals(
    records.some(({ kind, pgfault }) => kind === "vm_events" && Number(pgfault) > 0),
    true,
  );
  assertEquals(records.some(({ kind, name }) => kind === "interrupts" && name === "LOC"), true);
});
