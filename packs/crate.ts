// SPDX-License-Identifier: Apache-2.0
/** RO-Crate 1.1 metadata of a pack: what each file is, and what made it out of what. */
import { join } from "@std/path";
import type { RunFile } from "../contract/run_file.ts";
import config from "../deno.json" with { type: "json" };
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { emulatorPath } from "./binaries.ts";
import { authors, dayOf } from "./citation.ts";

export const crateName = "ro-crate-metadata.json";

interface Entity {
  "@id": string;
  "@type": string | string[];
  [property: string]: unknown;
}

/** Folders that are described as a whole, with what they are. */
const folders: Record<string, [name: string, description: string]> = {
  "sources/": [
    "Sources",
    "The lab itself with patches, configurations and locks; names and digests of what it takes from elsewhere.",
  ],
  "replay/": [
    "Replay",
    "For each trial the emulator's arguments and the host's plan, as the script reproduce uses them.",
  ],
  "LICENSES/": ["Licences", "Texts of licences, and which applies to what."],
  "figures/": ["Figures", "Charts as SVG, with their Vega-Lite specifications."],
  "tables/": ["Tables", "Answers to the lab's questions as CSV."],
};

/** What single files are, by a pattern of their path. The first that matches counts. */
const kinds: [RegExp, string][] = [
  [/^run\.json$/, "What was asked, on what it was measured, and how each trial ended"],
  [/^index\.html$/, "Report"],
  [/^trials\//, "Records of a trial as they came"],
  [/^data\//, "Table of the run"],
  [/vmlinux$/, "Linux kernel"],
  [/host\.cpio$/, "Image that the emulated host boots from"],
  [/qemu-system-x86_64$/, "Emulator, statically linked"],
  [/firmware\//, "Firmware"],
  [/^reproduce$/, "Script that carries the trials out again and compares"],
  [
    /^cage$/,
    "Script in which reproduce runs the emulator: without privileges, network or other files",
  ],
  [/./, ""],
];

const formats: Record<string, string> = {
  json: "application/json",
  jsonl: "application/jsonl",
  html: "text/html",
  csv: "text/csv",
  svg: "image/svg+xml",
  parquet: "application/vnd.apache.parquet",
  md: "text/markdown",
  cff: "application/yaml",
  tsv: "text/tab-separated-values",
};

const licence = "https://spdx.org/licenses/Apache-2.0";
const kernelLicence = "https://spdx.org/licenses/GPL-2.0-only";

/** Version 1.1 does not know `sha256`, which came with 1.2: a term of its own must be declared. */
const context = [
  "https://w3id.org/ro/crate/1.1/context",
  { sha256: "https://schema.org/sha256" },
];

/**
 * The content of ro-crate-metadata.json for a pack's folder, which must hold everything else already.
 */
export async function crateOf(record: RunFile, folder: string): Promise<string> {
  const files = (await filesBelow(folder)).filter((path) => path !== crateName);
  const described = Object.keys(folders).filter((prefix) =>
    files.some((path) => path.startsWith(prefix))
  );
  const single = files.filter((path) => !described.some((prefix) => path.startsWith(prefix)));
  const fileEntities = await Promise.all(single.map((path) => fileEntity(path, folder)));
  const folderEntities = described.map((prefix): Entity => ({
    "@id": prefix,
    "@type": "Dataset",
    name: folders[prefix]![0],
    description: folders[prefix]![1],
  }));
  const parts = [...folderEntities, ...fileEntities];
  const graph: Entity[] = [
    {
      "@id": crateName,
      "@type": "CreativeWork",
      conformsTo: reference("https://w3id.org/ro/crate/1.1"),
      about: reference("./"),
    },
    {
      ...{ "@id": "./", "@type": "Dataset", name: `${record.experiment.title}: ${record.run}` },
      description: `${record.experiment.question} Records, tables, figures, report, and the ` +
        "binaries that ran, with a script that carries the trials out again.",
      ...{ datePublished: dayOf(record.finished!), license: reference(licence) },
      ...{ author: reference("#authors"), identifier: record.digest, version: record.run },
      ...{ hasPart: parts.map(({ "@id": id }) => reference(id)), mentions: reference("#run") },
    },
    action(record, single),
    {
      ...{ "@id": "#lab", "@type": "SoftwareApplication", name: "Samepage Lab" },
      ...{ version: config.version, license: reference(licence) },
      ...(record.git === null ? {} : { softwareVersion: revisionOf(record.git) }),
    },
    { "@id": "#authors", "@type": "Organization", name: authors },
    {
      "@id": licence,
      "@type": "CreativeWork",
      name: "Apache License 2.0",
      description: "Apache-2.0",
    },
    {
      ...{ "@id": kernelLicence, "@type": "CreativeWork" },
      ...{ name: "GNU General Public License v2.0 only", description: "GPL-2.0-only" },
    },
    ...parts,
  ];
  const crate = { "@context": context, "@graph": graph };
  return JSON.stringify(crate, null, 1) + "\n";
}

function reference(id: string): { "@id": string } {
  return { "@id": id };
}

function revisionOf({ revision, clean }: { revision: string; clean: boolean }): string {
  return clean ? revision : `${revision} with changes`;
}

/** The run as a whole: the binaries went in, the records came out. */
function action({ started, finished, run }: RunFile, files: readonly string[]): Entity {
  const those = (pattern: RegExp) => files.filter((path) => pattern.test(path)).map(idOf);
  return {
    ...{ "@id": "#run", "@type": "CreateAction", name: `Run ${run}` },
    ...{ startTime: started, endTime: finished, instrument: [reference("#lab")] },
    object: those(/^binaries\/.*(vmlinux|host\.cpio|qemu-system-x86_64|\.bin)$/).map(reference),
    result: [...those(/^trials\//), idOf("run.json")].map(reference),
  };
}

/** A relative path as a valid URI reference. */
function idOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

async function fileEntity(path: string, folder: string): Promise<Entity> {
  const { size } = await Deno.stat(join(folder, path));
  const [, description] = kinds.find(([pattern]) => pattern.test(path))!;
  const format = formats[path.slice(path.lastIndexOf(".") + 1)];
  const program = path === emulatorPath || path === "reproduce";
  const gpl = /vmlinux$/.test(path);
  return {
    "@id": idOf(path),
    "@type": program ? ["File", "SoftwareApplication"] : "File",
    ...{ name: path, ...(description === "" ? {} : { description }) },
    ...{ contentSize: String(size), sha256: await sha256OfFile(join(folder, path)) },
    ...(format === undefined ? {} : { encodingFormat: format }),
    ...(gpl ? { license: reference(kernelLicence) } : {}),
  };
}
