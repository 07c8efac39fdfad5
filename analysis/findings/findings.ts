// SPDX-License-Identifier: Apache-2.0
import { isOutside } from "../../contract/exact.ts";
import { attributionFinding } from "./attribution.ts";
import { bootFinding } from "./boot.ts";
import { breaksFinding } from "./breaks.ts";
import { carriersFinding } from "./carriers.ts";
import { censusFinding } from "./census.ts";
import { conditionsFinding } from "./conditions.ts";
import { contentFinding } from "./content.ts";
import { crossCheckFinding } from "./cross_check.ts";
import { densityFinding } from "./density.ts";
import { disturbancesFinding } from "./disturbances.ts";
import { emulationFinding } from "./emulation.ts";
import { emulatorsFinding } from "./emulators.ts";
import { exclusionsFinding } from "./exclusions.ts";
import { exitsFinding } from "./exits.ts";
import { kernelLinesFinding, mmuFinding, scalingFinding } from "./factors.ts";
import type { Evidence, Finding } from "./finding.ts";
import { flushesFinding } from "./flushes.ts";
import { hostCostsFinding } from "./host_costs.ts";
import { machineFinding } from "./machine.ts";
import { inPlaceFinding, walkFinding } from "./mappings.ts";
import { memoryFinding, sharingFinding } from "./memory.ts";
import { observerFinding } from "./observer.ts";
import { outsideFindings } from "./outside/outside.ts";
import { primitivesFinding } from "./primitives.ts";
import { refaultCostFinding } from "./refault_cost.ts";
import { refaultFinding } from "./refaults.ts";
import { scanRateFinding } from "./scan_rate.ts";
import { sparedFinding } from "./spared.ts";
import { stockFinding } from "./stock.ts";
import { swappingFinding } from "./swapping.ts";
import { touchCostFinding } from "./touch_cost.ts";
import { transparencyFinding } from "./transparency.ts";
import { whileMergingFinding } from "./while_merging.ts";

/**
 * Everything a run shows, the most important first.
 *
 * Every number comes from the answers to the questions. The trial is the unit and the seed pairs the
 * arms; guests of one trial are never taken for independent.
 */
export function findingsOf(evidence: Evidence): Finding[] {
  if (isOutside(evidence.run.mode)) return outsideFindings(evidence);
  return [
    refaultFinding(evidence),
    flushesFinding(evidence),
    whileMergingFinding(evidence),
    conditionsFinding(evidence),
    sparedFinding(evidence),
    attributionFinding(evidence),
    exitsFinding(evidence),
    touchCostFinding(evidence),
    refaultCostFinding(evidence),
    memoryFinding(evidence),
    sharingFinding(evidence),
    censusFinding(evidence),
    scanRateFinding(evidence),
    breaksFinding(evidence),
    densityFinding(evidence),
    carriersFinding(evidence),
    swappingFinding(evidence),
    scalingFinding(evidence),
    mmuFinding(evidence),
    emulatorsFinding(evidence),
    kernelLinesFinding(evidence),
    machineFinding(evidence),
    primitivesFinding(evidence),
    hostCostsFinding(evidence),
    transparencyFinding(evidence),
    stockFinding(evidence),
    walkFinding(evidence),
    inPlaceFinding(evidence),
    contentFinding(evidence),
    crossCheckFinding(evidence),
    exclusionsFinding(evidence),
    disturbancesFinding(evidence),
    observerFinding(evidence),
    bootFinding(evidence),
    emulationFinding(evidence),
  ].filter((finding) => finding !== null);
}
