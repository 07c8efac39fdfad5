import { viewRuns } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";

const usage = "Usage: ./lab view RUN [RUN...] [--port N]";

const LAST_PORT = 65_535;

/**
 * `lab view RUN [RUN...]`: a page on this machine that asks the runs' tables, until Ctrl+C.
 */
export async function view(args: readonly string[]): Promise<number> {
  const { _: named, port } = parseVerb(args, { string: ["_", "port"] }, usage);
  if (named.length === 0) throw new LabError("Cannot view: name at least one run", usage);
  const wanted = portOf(port);
  const folders: string[] = [];
  for (const run of named) folders.push(await findRun(String(run)));

  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => ending.abort());
  }
  const { url, problems, finished } = await viewRuns(folders, {
    port: wanted,
    signal: ending.signal,
  });
  for (const problem of problems) console.error(problem);
  console.log(url);
  console.error("Open this address in a browser on this machine; Ctrl+C ends it");
  await finished;
  return 0;
}

/** 0, any free port, if none was named. */
function portOf(text: unknown): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d+$/.test(String(text)) && port >= 1 && port <= LAST_PORT) return port;
  throw new LabError(`Cannot view: "${text}" is no port`, `A port is 1 to ${LAST_PORT}. ${usage}`);
}
