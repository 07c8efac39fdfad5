// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { enhanceFigures } from "./charts.ts";
import { unpackData } from "./data.ts";
import { enhanceTables } from "./tables.ts";
import { addThemeButton } from "./theme.ts";

/** Without this script the page is complete; with it, it can be asked. */
async function enhancePage(): Promise<void> {
  const toolbar = document.getElementById("toolbar");
  if (toolbar === null) return;
  toolbar.hidden = false;
  addThemeButton(toolbar);
  const data = await unpackData();
  enhanceTables(data);
  enhanceFigures(data, toolbar);
  document.documentElement.dataset.ready = "yes";
}

enhancePage().catch((error) => console.error(error));
