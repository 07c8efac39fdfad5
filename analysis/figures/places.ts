// SPDX-License-Identifier: Apache-2.0
/** Numbers in names count as numbers: guests=8 before guests=16. */
const byName = new Intl.Collator("en", { numeric: true });

type Row = Readonly<Record<string, unknown>>;

/** Rows with their `place` among the workloads and conditions of all, by which charts sort panels. */
export function withPlaces<Given extends Row>(
  answers: Readonly<Record<string, readonly Given[]>>,
): Record<string, (Given & { place: number })[]> {
  const nameOf = ({ workload, condition }: Row) => JSON.stringify([workload, condition]);
  const names = [...new Set(Object.values(answers).flat().map(nameOf))].sort(byName.compare);
  const places = new Map(names.map((name, place) => [name, place]));
  return Object.fromEntries(
    Object.entries(answers).map(([question, rows]) => [
      question,
      rows.map((row) => ({ ...row, place: places.get(nameOf(row))! })),
    ]),
  );
}

/**
 * The chart with the scales of its arms cut down to those that rows have, so that its legend names no
 * others. An arm keeps its look whatever others a run has.
 *
 * @throws {Error} If rows have an arm of which arms.ts does not say how it looks.
 */
export function withArms<Spec>(chart: Spec, rows: readonly Row[]): Spec {
  const there = new Set<unknown>(rows.map(({ arm }) => arm));
  return JSON.parse(JSON.stringify(chart), (_, part) => {
    if (part?.field !== "arm" || part.scale?.range === undefined) return part;
    const { domain, range } = part.scale as { domain: unknown[]; range: unknown[] };
    const strange = [...there].find((arm) => typeof arm === "string" && !domain.includes(arm));
    if (strange !== undefined) throw new Error(`The arm "${strange}" is not in figures/arms.ts`);
    const kept = (_: unknown, at: number) => there.has(domain[at]);
    const scale = { ...part.scale, domain: domain.filter(kept), range: range.filter(kept) };
    return { ...part, scale };
  });
}
