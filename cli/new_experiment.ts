// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { exists, writeAtomically } from "../base/files.ts";
import { experimentNames } from "../bench/experiment.ts";
import { settingDeclarations } from "../contract/settings.ts";
import { workloadNames } from "../workloads/workload.ts";

export interface NewRequest {
  name: string;
}

const folder = join(import.meta.dirname!, "..", "experiments");

/** `lab new NAME`: an experiment with comments, to be changed. */
export async function newExperiment({ name }: NewRequest): Promise<number> {
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
    throw new LabError(
      `Cannot make the experiment "${name}": that is no name`,
      "Use small letters, digits, hyphens and underscores",
    );
  }
  const path = join(folder, `${name}.jsonc`);
  if ((await experimentNames()).includes(name) || await exists(path)) {
    throw new LabError(`Cannot make the experiment "${name}": there is one`, "Choose another name");
  }
  await writeAtomically(path, template(name, await workloadNames()));
  console.log(path);
  console.error(`Change it, then: ./lab run ${name} --plan`);
  return 0;
}

/** What the experiment says at first; the rest of the factors are there as comments. */
const chosen: Readonly<Record<string, unknown>> = {
  workload: "pagecache",
  arm: ["off", "on"],
  seed: [1, 2, 3],
  guests: 4,
};

/** The text of the file. */
export function template(name: string, workloads: readonly string[]): string {
  const factor = (factor: string) => {
    const setting = settingDeclarations[factor as keyof typeof settingDeclarations];
    const { description, unit } = setting;
    const levels = setting.kind === "whole"
      ? `${setting.minimum} to ${setting.maximum}${unit === undefined ? "" : ` ${unit}`}`
      : setting.kind === "name"
      ? workloads.join(", ")
      : setting.levels.join(", ");
    return `    // ${description.replaceAll(/\s+/g, " ")} (${levels})`;
  };
  const used = Object.entries(chosen).flatMap(([one, level]) => [
    factor(one),
    `    ${JSON.stringify(one)}: ${JSON.stringify(level).replaceAll(",", ", ")},`,
  ]);
  const others = Object.entries(settingDeclarations).filter(([one]) => !(one in chosen))
    .flatMap(([one, setting]) => [
      factor(one),
      `    // ${JSON.stringify(one)}: ${
        JSON.stringify("default" in setting ? setting.default : "")
      },`,
    ]);
  return `// An experiment: all levels of all factors are crossed, and each is run with each.
//   ./lab run ${name} --plan    what it would take
//   ./lab run ${name}           runs it, to its report
{
  "$schema": "./experiment.schema.json",
  // What the report is called.
  "title": "${name}",
  // What it is to answer, in a sentence.
  "question": "What does change_pte save here?",
  "factors": {
${used.join("\n")}

    // What follows is as it is without being said. A factor may have one level, or a list.
${others.join("\n")}
  }
}
`;
}
