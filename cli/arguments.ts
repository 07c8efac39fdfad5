/** Command lines: what every verb refuses in the same words. */
import { parseArgs } from "@std/cli/parse-args";
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";

type ParseOptions = NonNullable<Parameters<typeof parseArgs>[1]>;

/**
 * Parses a verb's arguments and refuses options that it does not have.
 *
 * @throws {LabError} naming the option and the nearest one, with the usage.
 */
export function parseVerb(
  args: readonly string[],
  options: ParseOptions,
  usage: string,
): ReturnType<typeof parseArgs> {
  const known = [...options.boolean ?? [], ...options.string ?? [], ...options.collect ?? []];
  return parseArgs(args, {
    ...options,
    unknown: (arg) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      const name = arg.replace(/^-+/, "").split("=")[0]!;
      const near = nearestWord(name, known);
      throw new LabError(
        `Cannot use "${arg}": there is no such option`,
        near === undefined ? usage : `Did you mean "--${near}"? ${usage}`,
      );
    },
  });
}
