// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { booktabs } from "./booktabs.ts";
import { escapeLatex } from "./escape.ts";

Deno.test("escapeLatex() leaves nothing that means something to TeX", () => {
  assertEquals(
    escapeLatex("50\u00a0% of a_b & {c} \\d ~ \u2212\u00e9\u4e2d\n"),
    "50~\\% of a\\_b \\& \\{c\\} \\textbackslash{}d \\textasciitilde{} \\textminus{}\u00e9??",
  );
});

Deno.test("booktabs() aligns numbers to the right and leaves out empty columns and long answers", () => {
  const columns = ["workload", "condition", "trial", "n_pages"];
  const row = { workload: "a_b", condition: "", trial: "t", n_pages: -0.12345 };
  assertEquals(
    booktabs({ columns, rows: [row] }),
    "\\begin{tabular}{lr}\n\\toprule\nworkload & n pages \\\\\n\\midrule\n" +
      "a\\_b & \\textminus{}0.123 \\\\\n\\bottomrule\n\\end{tabular}\n",
  );
  assertEquals(booktabs({ columns, rows: Array(61).fill(row) }), null);
  assertEquals(booktabs({ columns, rows: [] }), null);
});
