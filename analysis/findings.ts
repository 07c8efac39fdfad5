import { attributionFinding } from "./findings/attribution.ts";
import { bootFinding } from "./findings/boot.ts";
import { breaksFinding } from "./findings/breaks.ts";
import { carriersFinding } from "./findings/carriers.ts";
import { censusFinding } from "./findings/census.ts";
import { contentFinding } from "./findings/content.ts";
import { crossCheckFinding } from "./findings/cross_check.ts";
import { densityFinding } from "./findings/density.ts";
import { emulationFinding } from "./findings/emulation.ts";
import { exclusionsFinding } from "./findings/exclusions.ts";
import { exitsFinding } from "./findings/exits.ts";
import { kernelLinesFinding, mmuFinding, scalingFinding } from "./findings/factors.ts";
import type { Evidence, Finding } from "./findings/finding.ts";
import { hostCostsFinding } from "./findings/host_costs.ts";
import { inPlaceFinding, walkFinding } from "./findings/mappings.ts";
import { memoryFinding, sharingFinding } from "./findings/memory.ts";
import { observerFinding } from "./findings/observer.ts";
import { refaultCostFinding } from "./findings/refault_cost.ts";
import { refaultFinding } from "./findings/refaults.ts";
import { scanRateFinding } from "./findings/scan_rate.ts";
import { sparedFinding } from "./findings/spared.ts";
import { stockFinding } from "./findings/stock.ts";
import { swappingFinding } from "./findings/swapping.ts";
import { touchCostFinding } from "./findings/touch_cost.ts";
import { transparencyFinding } from "./findings/transparency.ts";

/**
 * Everything a run shows, the most important first.
 *
 * Every number comes from the answers to the questions. The trial is the unit and the seed pairs the
 * arms; guests of one trial are never taken for independent.
 */
export function findingsOf(evidence: Evidence): Finding[] {
  return [
    refaultFinding(evidence),
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
    kernelLinesFinding(evidence),
    hostCostsFinding(evidence),
    transparencyFinding(evidence),
    stockFinding(evidence),
    walkFinding(evidence),
    inPlaceFinding(evidence),
    contentFinding(evidence),
    crossCheckFinding(evidence),
    exclusionsFinding(evidence),
    observerFinding(evidence),
    bootFinding(evidence),
    emulationFinding(evidence),
  ].filter((finding) => finding !== null);
}
