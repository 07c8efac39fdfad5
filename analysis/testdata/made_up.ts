// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../engine/arrow.ts";

/** A question, the tables it is asked of, and the finding that answers it in words. */
export interface MadeUp {
  question: string;
  finding: string;
  tables: Record<string, Row[]>;
  /** Spaces that do not break are written as spaces. */
  sentences: string[];
}
