// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import type { Result } from "../engine/result.ts";
import { chooseEncoding, specOf } from "./client/encoding.ts";

function resultOf(columns: string[], lines: (string | number | null)[][]): Result {
  const rows = lines.map((line) =>
    Object.fromEntries(columns.map((name, at) => [name, line[at] ?? null]))
  );
  return { columns, rows };
}

Deno.test("chooseEncoding() draws trials by workload as points in the colours of their arms", () => {
  const lines = ["kernels", "libraries"].flatMap((workload) =>
    ["off", "on"].flatMap((arm) =>
      [1, 2].map((seed) => [workload, arm, seed, arm + seed, 10, null])
    )
  );
  const columns = ["workload", "arm", "seed", "trial", "refaults", "per_page"];
  assertEquals(chooseEncoding(resultOf(columns, lines)), {
    ...{ mark: "point", x: "workload", y: "refaults", colour: "arm", panels: "" },
  });
});

Deno.test("chooseEncoding() draws what goes on as lines, and runs side by side", () => {
  const lines = ["a", "b"].flatMap((run) =>
    ["off", "on"].flatMap((arm) => [0, 1, 2].map((t_ns) => [run, arm, t_ns, t_ns * 2]))
  );
  assertEquals(chooseEncoding(resultOf(["run", "arm", "t_ns", "pages_sharing"], lines)), {
    ...{ mark: "line", x: "t_ns", y: "pages_sharing", colour: "arm", panels: "run" },
  });
});

Deno.test("chooseEncoding() draws one number a name as bars, and nothing without numbers", () => {
  const bars = resultOf(["reason", "count"], [["NPF", 5], ["HLT", 3], [null, 1]]);
  assertEquals(chooseEncoding(bars)?.mark, "bar");
  assertEquals(chooseEncoding(bars)?.x, "reason");
  assertEquals(chooseEncoding(resultOf(["reason"], [["NPF"]])), null);
  assertEquals(chooseEncoding(resultOf(["count"], [])), null);
});

Deno.test("specOf() takes a name with a dot for a name", () => {
  const result = resultOf(["a.b", "sum(count)"], [["x", 1]]);
  const choice = { mark: "bar", x: "a.b", y: "sum(count)", colour: "", panels: "" } as const;
  const { encoding } = specOf(result, choice, 600) as {
    encoding: Record<string, { field: string; title: string }>;
  };
  assertEquals(encoding.x?.field, "a\\.b");
  assertEquals(encoding.x?.title, "a.b");
});

Deno.test("specOf() has phases in the order in which they pass, on axes and in legends", () => {
  const lines = ["boot", "end", "merge", "touch"].map((phase): [string, number] => [phase, 1]);
  const result = resultOf(["phase", "exits"], lines);
  const spec = (choice: { x: string; colour: string }) =>
    specOf(result, { mark: "bar", y: "exits", panels: "", ...choice }, 600) as {
      encoding: { x: { sort: string[] }; color: { scale: { domain: string[] } } };
    };
  const { sort } = spec({ x: "phase", colour: "" }).encoding.x;
  assertEquals(sort.filter((phase) => lines.some(([one]) => one === phase)), [
    ...["boot", "merge", "touch", "end"],
  ]);
  assertEquals(spec({ x: "", colour: "phase" }).encoding.color.scale.domain, [
    ...["boot", "merge", "touch", "end"],
  ]);
});
