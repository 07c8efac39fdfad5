// SPDX-License-Identifier: Apache-2.0
/** What runs that lie elsewhere than in reports/RUN are called. */

/** What the committed run is called where a run is named. */
export const referenceName = "reference";

const ending = ".tar.zst";

/** Whether this names a pack rather than a run. */
export function isPack(name: string): boolean {
  return name.endsWith(ending);
}
