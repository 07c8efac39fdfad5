// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { enhanceFigures } from "./charts.ts";
import { followContents } from "./contents.ts";
import { unpackData } from "./data.ts";
import { addCopyButtons } from "./digests.ts";
import { enhanceTables } from "./tables.ts";
import { explainTerms } from "./terms.ts";
import { addThemeButton } from "./theme.ts";
import { chooseWorkload } from "./workloads.ts";

/** Without this script the page is complete; with it, it can be asked. */
async function enhancePage(): Promise<void> {
  const toolbar = document.getElementById("toolbar");
  if (toolbar === null) return;
  toolbar.hidden = false;
  followContents();
  explainTerms();
  addCopyButtons();
  addThemeButton(toolbar);
  const data = await unpackData();
  enhanceTables(data);
  const figures = enhanceFigures(data);
  const workloads = new Set(
    Object.values(data.tables).flatMap((table) =>
      table.data[table.columns.indexOf("workload")] ?? []
    ),
  );
  const names = [...workloads].filter((name) => typeof name === "string");
  if (names.length > 1) {
    chooseWorkload(names, toolbar, (name) => figures.forEach((figure) => figure.draw(name)));
  }
  document.documentElement.dataset.ready = "yes";
}

enhancePage().catch((error) => console.error(error));
