// SPDX-License-Identifier: Apache-2.0
/** What writers and readers of imported and observed runs share. */

/** The one phase of a trial that nobody carried out. */
export const OUTSIDE_PHASE = "observe";

/** Memory that a pass of KSM is said for where nobody has said another size, GiB. */
export const DEFAULT_OVER_GIB = 16;
