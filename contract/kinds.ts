// SPDX-License-Identifier: Apache-2.0
/** All kinds of records. A kind more is a declaration more in one of the files of records/. */
import type { Declaration, Fields, RecordIn } from "./declaration.ts";
import { guestRecords } from "./records/guests.ts";
import { hostRecords } from "./records/host.ts";
import { outsideRecords } from "./records/outside.ts";
import { traceRecords } from "./records/trace.ts";
import { trialRecords } from "./records/trial.ts";

/** Declarations by kind, which is the name of the table too. */
export const kinds = {
  ...trialRecords,
  ...guestRecords,
  ...hostRecords,
  ...traceRecords,
  ...outsideRecords,
};

/** The name of a kind. */
export type Kind = keyof typeof kinds;

type FieldsOf<K extends Kind> = typeof kinds[K] extends Declaration<infer F extends Fields> ? F
  : never;

/** A record of one kind. */
export type RecordOf<K extends Kind> = RecordIn<FieldsOf<K>> & { kind: K };

/** A record of a kind that is not declared, as it came. */
export interface OtherRecord {
  /** When it was recorded, ns. */
  t_ns: number;
  /** Phase that it belongs to. */
  phase: string;
  /** Its kind. */
  kind: string;
  /** All else. */
  [field: string]: unknown;
}
