/** `--set factor=a,b`: levels from the command line. */
import { z } from "zod";
import { LabError } from "../base/errors.ts";
import type { Factors } from "./experiment.ts";
import { type SettingName, settingNames, settingTypes, type SettingValue } from "./settings.ts";

/**
 * Reads what was given with `--set`. The last one counts where a factor is named twice.
 *
 * @throws {LabError} for text that is not FACTOR=LEVELS or names no factor.
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
    if (!factor.startsWith("workload.") && !(settingNames as string[]).includes(factor)) {
      throw new LabError(
        `Cannot set "${factor}": there is no such factor`,
        `Factors: ${settingNames.join(", ")}, or workload.PARAMETER`,
      );
    }
    factors[factor] = list.split(",").map((level) => readLevel(factor, level));
  }
  return factors;
}

/** Numbers and booleans where the factor is one; everything else is checked as the text it is. */
function readLevel(factor: string, level: string): SettingValue {
  const type = settingTypes[factor as SettingName] as z.ZodType | undefined;
  const isNumber = type === undefined || type instanceof z.ZodNumber;
  if (isNumber && /^-?\d+(\.\d+)?$/.test(level)) return Number(level);
  if (type instanceof z.ZodBoolean && (level === "true" || level === "false")) {
    return level === "true";
  }
  return level;
}
