// SPDX-License-Identifier: Apache-2.0
/** Settings as columns of the table `trials`. */
import type { Setting } from "./setting.ts";
import { settingDeclarations, settingNames, settingOf } from "./settings.ts";

/** A column that holds the level of the setting of its name. */
export interface SettingColumn {
  /** Name of the setting. */
  name: string;
  /** DuckDB's name of its type. */
  type: "BIGINT" | "VARCHAR";
  /** Meaning and unit. */
  comment: string;
}

/** A column for each setting, in the order of their declaration. */
export function settingColumns(): SettingColumn[] {
  return Object.entries(settingDeclarations).map(([name, setting]) => ({
    name,
    type: isNumber(setting) ? "BIGINT" : "VARCHAR",
    comment: commentOf(setting),
  }));
}

/** The cells of a trial's row. A setting that the trial does not have is NULL. */
export function settingCells(
  settings: Readonly<Record<string, unknown>>,
): Record<string, string | number | null> {
  return Object.fromEntries(settingNames.map((name) => {
    const level = settings[name];
    if (isNumber(settingOf(name)!)) {
      return [name, Number.isSafeInteger(level) ? Number(level) : null];
    }
    return [name, level === undefined ? null : String(level)];
  }));
}

function isNumber(setting: Setting): boolean {
  if (setting.kind === "choice") return setting.levels.every((level) => typeof level === "number");
  return setting.kind === "whole";
}

function commentOf(setting: Setting): string {
  const { description, unit } = setting;
  const said = setting.kind === "switch" ? `${description}: 'on' or 'off'` : description;
  return unit === undefined ? said : `${said}, ${unit}`;
}
