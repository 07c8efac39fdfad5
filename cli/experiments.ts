// SPDX-License-Identifier: Apache-2.0
import { experimentNames, readExperiment } from "../bench/experiment.ts";
/** `lab experiments`: what can be run by name. */
export async function experiments({ json }: { json: boolean }): Promise<number> {
  const found = await Promise.all(
    (await experimentNames()).map(async (name) => {
      const { title, question } = await readExperiment(name);
      return { name, title, question };
    }),
  );
  if (json) console.log(JSON.stringify(found));
  else for (const { name, title, question } of found) console.log(`${name}: ${title}. ${question}`);
  return 0;
}
