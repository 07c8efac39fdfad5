import type { Answer } from "../engine/result.ts";

/**
 * Colours belong to arms whatever arms a run has, so charts name them all; the parameter `arms` says
 * which of them the legend is to show.
 */
export function withArms(
  chart: Readonly<Record<string, unknown>>,
  rows: readonly Answer[],
): { params?: unknown[] } {
  if (!Array.isArray(chart.params)) return {};
  const there = new Set(rows.map(({ arm }) => arm));
  const params = chart.params.map((param: { name: string; value: string[] }) =>
    param.name === "arms" ? { ...param, value: param.value.filter((arm) => there.has(arm)) } : param
  );
  return { params };
}
