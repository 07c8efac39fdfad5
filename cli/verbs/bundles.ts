// SPDX-License-Identifier: Apache-2.0
/** The verb that carries built parts between machines. */
import { LabError } from "../../base/errors.ts";
import type { BundleVerbRequest } from "../bundle.ts";
import { flag, json, oneOf } from "../flags.ts";
import { experimentNames } from "../proposals.ts";
import { type Place, verb } from "../verb.ts";
import { building } from "../working.ts";

/** Deno separates paths by commas, and what is needed comes line by line. */
function filePath(text: string): string {
  if (text !== "" && !/[,\n]/.test(text) && !text.endsWith("/")) return text;
  throw new LabError(`Cannot use "${text}" as a file: commas, line breaks and folders will not do`);
}

/** The folder of a file, which a neighbour is written into and renamed. */
function folderOf(file: string): Place {
  const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) || "/" : ".";
  return folder.startsWith("/") ? folder as `/${string}` : `./${folder}`;
}

export const bundle = verb({
  summary: "carry built parts to another machine, where nothing has to be built then",
  more:
    "Carry built parts to another machine, where nothing has to be built then: export writes what " +
    "experiments run on into FILE, import checks each digest and takes it into the cache, show says what " +
    "is in it, with licences and sources. Whoever imports a bundle trusts who made it; parts that the " +
    "reference run was measured on are marked.",
  parameters: {
    flags: {
      sources: flag("export: with the source packages of kernels and emulator"),
      json,
    },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        placeholder: "ACTION FILE [EXPERIMENT]",
        brief: "export, import or show; the bundle; what to export for: default if not given",
        proposeCompletions: async (partial: string) => [
          ...["export", "import", "show"].filter((word) => word.startsWith(partial)),
          ...await experimentNames(partial),
        ],
      },
      minimum: 2,
    },
  },
  examples: [
    ["bundle export parts.tar.zst", "all that ./lab run needs"],
    ["bundle export parts.tar.zst smoke vendors", "all that two experiments need"],
    ["bundle import parts.tar.zst", "on the other machine; then ./lab run builds nothing"],
    ["bundle show parts.tar.zst", "parts, licences, sources"],
  ],
  works: true,
  request: (
    flags: { sources: boolean; json: boolean },
    [word = "", file = "", ...experiments]: string[],
  ): BundleVerbRequest => {
    const action = oneOf("export", "import", "show")(word);
    if (action !== "export" && (experiments.length > 0 || flags.sources)) {
      throw new LabError(`Cannot ${action} for an experiment or with sources: that is for export`);
    }
    return {
      ...{ ...flags, action, file: filePath(file) },
      experiments: experiments.length === 0 ? ["default"] : experiments,
    };
  },
  needs: ({ action, file }) =>
    action === "export"
      ? { ...building, write: ["cache", folderOf(file)] }
      : { ...building, packages: [], emulates: false },
  load: async () => (await import("../bundle.ts")).bundle,
});
