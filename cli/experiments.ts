import { experimentNames, readExperiment } from "../bench/experiment.ts";
import { parseVerb } from "./arguments.ts";

const usage = "Usage: ./lab experiments [--json]";

/** `lab experiments`: what can be run by name. */
export async function experiments(args: readonly string[]): Promise<number> {
  const { json } = parseVerb(args, { boolean: ["json"] }, usage);
  const found = await Promise.all(
    (await experimentNames()).map(async (name) => {
      const { title, question } = await readExperiment(name);
      return { name, title, question };
    }),
  );
  if (json === true) console.log(JSON.stringify(found));
  else for (const { name, title, question } of found) console.log(`${name}: ${title}. ${question}`);
  return 0;
}
