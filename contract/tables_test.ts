// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { declare, text, whole } from "./declaration.ts";
import { kinds } from "./kinds.ts";
import { parseKinds } from "./records.ts";
import { recordsPage } from "./records_page.ts";
import { createStatement, tablesOf, tablesOfKinds } from "./tables.ts";
import { closeRecords } from "./closing_line.ts";

/** Made up for this test: nothing else in the lab knows of it. */
const doors = declare({
  says: "How often a door was opened.",
  fields: {
    door: text("its colour"),
    opened: whole("openings", { column: "openings in this phase" }),
    open_ns: whole("how long it stood open", { unit: "ns" }),
  },
  table: { form: "counters", key: ["door"], zeros: "left out" },
});

Deno.test("a kind more needs its declaration alone to be parsed, to have a table and a page", () => {
  const line = { t_ns: 1, phase: "boot", kind: "doors", door: "red", opened: 2, open_ns: 7 };
  const bytes = new TextEncoder().encode(JSON.stringify(line) + "\n");
  const records = parseKinds(closeRecords(bytes).bytes, "f", undefined, { ...kinds, doors });
  assertEquals(records.doors, [{ ...line, line: 1 }]);

  const [table] = tablesOf("doors", doors);
  assertEquals(
    createStatement(table!),
    `CREATE TABLE doors (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  door VARCHAR,               -- its colour
  opened BIGINT,              -- openings in this phase
  open_ns BIGINT              -- how long it stood open, ns
);
`,
  );

  const page = recordsPage({ doors });
  const [, section] = page.split("## doors\n");
  assertEquals(
    section!.slice(0, section!.indexOf("## end")).trim().split("\n"),
    [
      "",
      "How often a door was opened.",
      "",
      "| field     | type   | unit | meaning                |",
      "| --------- | ------ | ---- | ---------------------- |",
      "| `door`    | text   |      | its colour             |",
      "| `opened`  | number |      | openings               |",
      "| `open_ns` | number | ns   | how long it stood open |",
      "",
      "Rows of the table `doors`: a row is what a counter moved by in a phase; there is none where it did",
      "not. Columns: `trial`, `phase`, `door`, `opened`, `open_ns`.",
    ].slice(1),
  );
});

Deno.test("every table of records has the name of its kind, but for histograms", () => {
  const names = tablesOfKinds(kinds).map(({ name }) => name);
  assertEquals(names.filter((name) => !(name in kinds)), ["touch_histogram"]);
  const without = Object.keys(kinds).filter((kind) => !names.includes(kind));
  assertEquals(without, ["plan", "trace_events"]);
});

Deno.test("no table of records has a column twice", () => {
  for (const [kind, declaration] of Object.entries(kinds)) {
    for (const { name, columns } of tablesOf(kind, declaration)) {
      const distinct = new Set(columns.map((column) => column.name));
      assertEquals(distinct.size, columns.length, name);
    }
  }
});
