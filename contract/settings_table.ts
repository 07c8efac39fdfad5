// SPDX-License-Identifier: Apache-2.0
/** The factors as a page of the docs. */
import type { Setting } from "./setting.ts";
import { settingDeclarations } from "./settings.ts";

const introduction = `# Factors

What a trial can be set to. An experiment gives each factor one level or a list of them, and all levels
of all factors are crossed; \`--set FACTOR=LEVEL,LEVEL\` puts others in their place for one run. What an
experiment leaves out is as by default. Parameters of a workload are factors with the name
\`workload.PARAMETER\`; each is described in \`workloads/NAME/workload.ts\`.

"Acts from" is when a setting begins to matter: those of \`settle\` change nothing before the phase
settle has ended, so that until then trials that differ in nothing else are the same. (The arm
\`stock\` is another kernel, and so another trial from the start.)

`;

/** The text of docs/FACTORS.md, which is made from the settings' declarations. */
export function factorsPage(): string {
  const rows = Object.entries(settingDeclarations).map(([name, setting]) => [
    `\`${name}\``,
    levelsInWords(setting),
    "default" in setting ? `\`${setting.default}\`` : "",
    setting.after,
    setting.description.replaceAll("|", "\\|"),
  ]);
  const lines = [
    ["factor", "levels", "default", "acts from", "what it is"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |\n`);
  return introduction + lines.join("");
}

function levelsInWords(setting: Setting): string {
  switch (setting.kind) {
    case "whole": {
      const { minimum, maximum, unit } = setting;
      return `${minimum} to ${maximum}${unit === undefined ? "" : ` ${unit}`}`;
    }
    case "name":
      return "a folder's name";
    default:
      return setting.levels.map((level) => `\`${level}\``).join(", ");
  }
}

if (import.meta.main) console.log(factorsPage().trimEnd());
