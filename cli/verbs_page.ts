// SPDX-License-Identifier: Apache-2.0
/** The verbs as a page of the docs, which is also what the bootstrap says as long as there is no Deno. */
import { parseCommandLine } from "./command_line.ts";
import { verbs } from "./table.ts";

const introduction = `# Verbs

What \`./lab help\` and \`./lab help VERB\` say.
`;

/** The text of docs/VERBS.md, which is made from the table of verbs. */
export async function verbsPage(): Promise<string> {
  const sections = [["lab"], ...Object.keys(verbs).map((name) => [name])].map(async ([name]) => {
    const parsed = await parseCommandLine(name === "lab" ? ["help"] : ["help", name!]);
    if (!("show" in parsed)) throw new Error(`no help for ${name}`);
    return `\n## ${name}\n\n\`\`\`\n${parsed.show}\n\`\`\`\n`;
  });
  return introduction + (await Promise.all(sections)).join("");
}

if (import.meta.main) console.log((await verbsPage()).trimEnd());
