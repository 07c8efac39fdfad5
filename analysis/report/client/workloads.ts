// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

/** The value that stands for all workloads. */
const ALL = "all";
const IN_ADDRESS = "workload=";

let chosen = ALL;

/**
 * A choice of workload for all figures and tables. It is in the address after "#", beside the section,
 * so that a link shows what its sender saw.
 *
 * @param changed called with the workload, "" for all, whenever it changes
 */
export function chooseWorkload(
  workloads: readonly string[],
  toolbar: HTMLElement,
  changed: (workload: string) => void,
): void {
  const choice = document.createElement("select");
  choice.append(new Option("all", ALL), ...workloads.map((name) => new Option(name, name)));
  const label = document.createElement("label");
  label.append("Workload ", choice);
  toolbar.prepend(label);
  const show = (workload: string) => {
    chosen = workloads.includes(workload) ? workload : ALL;
    choice.value = chosen;
    showOnly(document.body);
    changed(chosen === ALL ? "" : chosen);
  };
  choice.addEventListener("change", () => {
    show(choice.value);
    putIntoAddress();
  });
  addEventListener("hashchange", () => {
    const { section, workload } = readAddress();
    // A link to a section of this page says nothing of workloads: the choice stays.
    if (workload === undefined) putIntoAddress();
    else if (workload !== chosen) show(workload);
    if (workload !== undefined) document.getElementById(section)?.scrollIntoView();
  });
  const { section, workload } = readAddress();
  if (workload === undefined) return;
  show(workload);
  document.getElementById(section)?.scrollIntoView();
}

/** Hides the rows of tables that are about another workload than the chosen one. */
export function showOnly(within: HTMLElement): void {
  for (const row of within.querySelectorAll<HTMLElement>("tr[data-workload], li[data-workload]")) {
    row.hidden = chosen !== ALL && row.dataset.workload !== chosen;
  }
}

function readAddress(): { section: string; workload: string | undefined } {
  const parts = location.hash.slice(1).split("&");
  const found = parts.find((part) => part.startsWith(IN_ADDRESS))?.slice(IN_ADDRESS.length);
  return {
    section: parts.find((part) => !part.includes("=")) ?? "",
    workload: found === undefined ? undefined : decodeURIComponent(found),
  };
}

function putIntoAddress(): void {
  const { section } = readAddress();
  const said = chosen === ALL ? "" : IN_ADDRESS + encodeURIComponent(chosen);
  const hash = [section, said].filter((part) => part !== "").join("&");
  // A page from a file may change what follows "#" in its address and nothing else.
  history.replaceState(null, "", `#${hash}`);
}
