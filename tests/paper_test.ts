// SPDX-License-Identifier: Apache-2.0
/** The paper folder of a report compiles to a PDF, whatever stands in the run. */
import { assert } from "@std/assert";
import { join } from "@std/path";
import { writeReport } from "../analysis/mod.ts";
import { writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { run } from "../base/process.ts";

Deno.test("paper/ compiles with pdflatex and bibtex, with all that it cites", async () => {
  const folder = await Deno.makeTempDir({ prefix: "samepage-paper-" });
  try {
    // Words that TeX would stumble over if they were not escaped.
    const words = { title: "50%_&\\{#$~^", question: "Is {x_1} ~ 50 % of $y^2 & \\z#?" };
    await writeSyntheticRun(
      folder,
      ["off", "on"].flatMap((arm) =>
        [1, 2, 3].map((seed) => {
          return { workload: "page_cache", arm, seed, readRefaults: arm === "on" ? 1 : 90 };
        })
      ),
      words,
    );
    await writeReport(folder);
    const paper = join(folder, "paper");
    const compile = (program: string, ...args: string[]) =>
      run(program, args, {
        ...{ purpose: "compile the paper", cwd: paper, timeLimit_s: 120 },
        env: { HOME: folder },
      });
    const latex = ["-interaction=nonstopmode", "-halt-on-error", "main.tex"];
    await compile("pdflatex", ...latex);
    await compile("bibtex", "main");
    await compile("pdflatex", ...latex);
    await compile("pdflatex", ...latex);
    const log = await Deno.readTextFile(join(paper, "main.log"));
    assert(!/undefined references|Citation .* undefined|Missing character/.test(log), log);
    assert((await Deno.stat(join(paper, "main.pdf"))).size > 20_000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
