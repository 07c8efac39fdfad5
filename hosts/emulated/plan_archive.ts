/** The archive with a trial's plan, which goes behind the image. */
import type { Trial } from "../../contract/trial.ts";
import { planText } from "../../contract/plan.ts";
import type { BuiltImage } from "../../images/build.ts";
import { cpio } from "../../images/cpio.ts";

/** The kernel unpacks concatenated archives one after the other. */
export function planArchive(trial: Trial, { disk }: Pick<BuiltImage, "disk">): Uint8Array {
  return cpio([{ path: "plan", data: new TextEncoder().encode(planText(trial, disk)) }]);
}
