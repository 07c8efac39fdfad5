// SPDX-License-Identifier: Apache-2.0
import { decodeBase64 } from "@std/encoding/base64";
import { damaged, type LineOf } from "../../contract/records.ts";

/** Kinds of events in the order of their numbers in the records, from 1: see docs/TRACE.md. */
export const FAULT = 1;
export const EXIT = 2;
export const INVALIDATE = 3;
export const CHANGE = 4;
export const SPTE = 5;
export const MARK = 6;
// With shadow paging only.
export const GUEST_ENTRY = 7;
export const GUEST_FAULT = 8;
export const SHADOW_ENTRY = 9;
export const SHADOW_PAGE = 10;
export const SHADOW_SYNC = 11;
export const SHADOW_ZAP = 12;
export const SHADOW_DEVICE = 13;
export const INVLPG = 14;

/** How many numbers of its own an event of each kind has. */
const VALUES = [0, 2, 1, 5, 4, 6, 0, 3, 1, 5, 3, 2, 2, 0, 1];
const MOST_VALUES = 6;

/** Events of a trial in the order they happened. */
export interface Events {
  count: number;
  kind: Uint8Array;
  /** CLOCK_MONOTONIC, ns: below 2^53 for the first hundred days of a boot. */
  t_ns: Float64Array;
  /** Number of the thread in whose context it happened. */
  task: Uint32Array;
  /** `values[MOST_VALUES * i + j]` is number j of event i; all of them are below 2^53. */
  values: Float64Array;
}

/** Number `index` of an event. */
export function valueOf(events: Events, event: number, index: number): number {
  return events.values[event * MOST_VALUES + index]!;
}

/**
 * Unpacks the `trace_events` records of a trial. Each holds events of one CPU in order; with several CPUs
 * they are put into one order by time.
 *
 * @param file name of the records file, for messages
 * @throws {LabError} If a record does not hold as many events as it says.
 */
export function decodeEvents(records: readonly LineOf<"trace_events">[], file: string): Events {
  const count = records.reduce((sum, record) => sum + record.count, 0);
  const events: Events = {
    count,
    kind: new Uint8Array(count),
    t_ns: new Float64Array(count),
    task: new Uint32Array(count),
    values: new Float64Array(count * MOST_VALUES),
  };
  let at = 0;
  for (const record of records) at = unpack(record, events, at, file);
  const cpus = new Set(records.map(({ cpu }) => cpu));
  return cpus.size > 1 ? inOrderOfTime(events) : events;
}

function unpack(
  record: LineOf<"trace_events">,
  events: Events,
  from: number,
  file: string,
): number {
  const wrong = (what: string) => damaged(file, record.line, `the packed events ${what}`);
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(record.data);
  } catch {
    throw wrong("are not base64");
  }
  let position = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) throw wrong("end in the middle of one");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let t_ns = 0;
  const end = from + record.count;
  for (let at = from; at < end; at++) {
    const kind = next();
    const values = VALUES[kind];
    if (values === undefined) throw wrong(`hold the unknown kind ${kind}`);
    events.kind[at] = kind;
    events.t_ns[at] = t_ns += next();
    events.task[at] = next();
    for (let index = 0; index < values; index++) {
      events.values[at * MOST_VALUES + index] = next();
    }
  }
  if (position !== bytes.length) throw wrong("are more than their count");
  return end;
}

function inOrderOfTime(events: Events): Events {
  const order = new Uint32Array(events.count).map((_, index) => index);
  order.sort((a, b) => events.t_ns[a]! - events.t_ns[b]! || a - b);
  const values = new Float64Array(events.values.length);
  order.forEach((from, to) => {
    const part = events.values.subarray(from * MOST_VALUES, (from + 1) * MOST_VALUES);
    values.set(part, to * MOST_VALUES);
  });
  return {
    count: events.count,
    kind: Uint8Array.from(order, (from) => events.kind[from]!),
    t_ns: Float64Array.from(order, (from) => events.t_ns[from]!),
    task: Uint32Array.from(order, (from) => events.task[from]!),
    values,
  };
}
