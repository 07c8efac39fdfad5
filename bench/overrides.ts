// SPDX-License-Identifier: Apache-2.0
/** `--set factor=a,b`: levels from the command line. */
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";
import { objectionTo, readLevel } from "../contract/setting.ts";
import { type Factors, parameterPattern, settingNames, settingOf } from "../contract/settings.ts";

/**
 * Reads what was given with `--set`. The last one counts where a factor is named twice. Levels of
 * workloads' parameters are checked later, by who knows the workload.
 *
 * @throws {LabError} for text that is not FACTOR=LEVELS, names no factor, or names a level that the
 * factor does not have.
 */
export function parseOverrides(given: readonly string[]): Factors {
  const factors: Factors = {};
  for (const text of given) {
    const equals = text.indexOf("=");
    const factor = text.slice(0, equals);
    const list = text.slice(equals + 1);
    if (equals < 1 || list === "") {
      throw new LabError(
        `Cannot set "${text}": not of the form FACTOR=LEVEL or FACTOR=LEVEL,LEVEL`,
        "For example: --set guests=2,4 --set thp=always",
      );
    }
    factors[factor] = list.split(",").map((level) => levelOf(factor, level));
  }
  return factors;
}

/** What a parameter's level may be is only known with its workload. */
const anyNumber = { minimum: -Infinity, maximum: Infinity };

function levelOf(factor: string, text: string) {
  const setting = settingOf(factor);
  if (setting === undefined) {
    if (parameterPattern.test(factor)) return readLevel(anyNumber, text);
    const near = nearestWord(factor, settingNames);
    throw new LabError(
      `Cannot set "${factor}": there is no such factor`,
      near === undefined
        ? `Factors: ${settingNames.join(", ")}, or workload.PARAMETER`
        : `Did you mean "${near}"? docs/FACTORS.md lists all factors and their levels`,
    );
  }
  const level = readLevel(setting, text);
  const objection = objectionTo(setting, level);
  if (objection !== undefined) throw new LabError(`Cannot set ${factor}: ${objection}`);
  return level;
}
