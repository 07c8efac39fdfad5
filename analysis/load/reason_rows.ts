// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../engine/arrow.ts";
import { reasons, vendors } from "../../machines/machine.ts";

/** Rows of `reasons`: every exit code that has a name, of all vendors. */
export function reasonRows(): Row[] {
  return vendors.flatMap((vendor) =>
    reasons[vendor].map(({ code, name, class: kind, faultOf }) => {
      const fault_of = faultOf ?? null;
      return { vendor, reason_code: code, reason: name, class: kind, fault_of };
    })
  );
}
