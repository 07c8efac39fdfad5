/** From the command line to a verb, and from an error to words and an exit status. */
import { beginWork } from "../store/at_work.ts";
import { LabError, machineError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";
import { reportToStderr } from "../base/report.ts";

/** Gets what follows its name, and gives the exit status. */
export type Verb = (args: readonly string[]) => Promise<number>;

export interface VerbEntry {
  /** One line for the help. */
  summary: string;
  load: () => Promise<Verb>;
  /** It builds or measures, in the cache: see at_work.ts. */
  works?: true;
}

export type Verbs = Readonly<Record<string, VerbEntry>>;

/** The status for bad usage, or a machine that cannot do it. */
const refusedStatus = 2;

/** Runs the verb that the arguments begin with, and says what is wrong with them or the machine. */
export async function runVerb(verbs: Verbs, args: readonly string[]): Promise<number> {
  try {
    return await choose(verbs, args);
  } catch (error) {
    const said = error instanceof LabError ? error : machineError(error);
    if (said === undefined) throw error;
    console.error(said.message);
    if (said.next !== undefined) console.error(said.next);
    return refusedStatus;
  }
}

async function choose(verbs: Verbs, [name = "help", ...args]: readonly string[]): Promise<number> {
  if (["help", "--help", "-h"].includes(name)) {
    console.log(help(verbs));
    return 0;
  }
  if (!Object.hasOwn(verbs, name)) {
    const near = nearestWord(name, Object.keys(verbs));
    throw new LabError(
      `Cannot do "${name}": there is no such verb`,
      near === undefined ? "./lab help lists the verbs" : `Did you mean "${near}"?`,
    );
  }
  const { load, works } = verbs[name]!;
  const verb = await load();
  if (works === true) await beginWork(reportToStderr);
  return await verb(args);
}

function help(verbs: Verbs): string {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length));
  const lines = Object.entries(verbs)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: ./lab [--install] VERB ...\n\n${lines.join("\n")}\n`;
}
