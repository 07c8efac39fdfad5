/** The agent's plan: all that it is told of a trial. */
import { type Trial, trialFormat } from "./trial.ts";

/**
 * "key value" lines: the format, all settings, the phases, and where the guests' disk lies if they
 * have one. Switches are 1 or 0.
 */
export function planText(
  { settings, phases }: Pick<Trial, "settings" | "phases">,
  disk: string | undefined,
): string {
  const lines: [string, string | number][] = [["format", trialFormat]];
  for (const [key, value] of Object.entries(settings)) {
    lines.push([key, typeof value === "boolean" ? Number(value) : value]);
  }
  lines.push(["phases", phases.join(",")]);
  if (disk !== undefined) lines.push(["disk", disk]);
  return lines.map(([key, value]) => `${key} ${value}\n`).join("");
}
