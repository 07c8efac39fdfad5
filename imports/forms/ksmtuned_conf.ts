// SPDX-License-Identifier: Apache-2.0
/** ksmtuned.conf: the rates that the controller goes through. */
import { type Form, type Step, Unreadable } from "../piece.ts";

/** What ksmtuned takes where its configuration says nothing: its script's own defaults. */
const defaults = {
  KSM_MONITOR_INTERVAL: 60,
  KSM_SLEEP_MSEC: 10,
  KSM_NPAGES_BOOST: 300,
  KSM_NPAGES_DECAY: -50,
  KSM_NPAGES_MIN: 64,
  KSM_NPAGES_MAX: 1250,
  KSM_THRES_COEF: 20,
  KSM_THRES_CONST: 2048,
} as const;

type Name = keyof typeof defaults;

/** The pause is given for a host of this size; one half as large pauses twice as long. */
const sleepIsFor_gib = 16;
/** ksmtuned never pauses less. */
const leastSleep_ms = 10;
/** As many steps from the least to the most rate are written down. */
const mostSteps = 1000;

const assignment = /^(?:export\s+)?(KSM_[A-Z_]+)\s*=\s*["']?(-?\d+)["']?\s*(?:#.*)?$/;
const comment = /^#\s*(KSM_[A-Z_]+)\s*=/;

function read(lines: readonly string[]): { said: Map<Name, number>; ignored: number } {
  const said = new Map<Name, number>();
  let ignored = 0;
  for (const [at, text] of lines.entries()) {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = assignment.exec(line) ?? [];
    if (name !== undefined && Object.hasOwn(defaults, name)) said.set(name as Name, Number(value));
    else if (/^(LOGFILE|DEBUG|KSM_[A-Z_]+)\s*=/.test(line)) {
      const [whole] = line.split("=");
      if (!Object.hasOwn(defaults, whole!.trim())) continue;
      throw new Unreadable(
        `on line ${at + 1} "${line.slice(0, 60)}" is no whole number`,
        "Correct that line",
      );
    } else ignored++;
  }
  return { said, ignored };
}

/** From nothing up: each boost, then the rate it stays at. */
function stepsOf(value: Readonly<Record<Name, number>>, sleep_millisecs: number): Step[] {
  const { KSM_NPAGES_BOOST: boost, KSM_NPAGES_MIN: least, KSM_NPAGES_MAX: most } = value;
  const step = (step: string, pages_to_scan: number): Step => ({
    ...{ source: "conf", step, pages_to_scan, sleep_millisecs },
  });
  const steps = [step("least", least)];
  for (let npages = boost; npages < most && steps.length < mostSteps; npages += boost) {
    if (npages > least) steps.push(step("boost", npages));
  }
  return most === least ? steps : [...steps, step("most", most)];
}

/** ksmtuned.conf. */
export const ksmtunedConf: Form = {
  name: "ksmtuned-conf",
  title: "a configuration of ksmtuned",
  cannotKnow:
    "Which of the rates it has used and when: its log says that. What a pass really takes depends on how many pages " +
    "are registered and on how long ksmd works on a batch, which comes on top of the pause.",
  recognizes: (lines) =>
    lines.some((line) => {
      const [, name] = assignment.exec(line.trim()) ?? comment.exec(line.trim()) ?? [];
      return name !== undefined && Object.hasOwn(defaults, name);
    }),
  read(lines, { over_gib }) {
    const { said, ignored } = read(lines);
    const value = { ...defaults, ...Object.fromEntries(said) } as Record<Name, number>;
    if (value.KSM_NPAGES_MIN < 0 || value.KSM_NPAGES_MAX < value.KSM_NPAGES_MIN) {
      throw new Unreadable(
        `KSM_NPAGES_MIN is ${value.KSM_NPAGES_MIN} and KSM_NPAGES_MAX ${value.KSM_NPAGES_MAX}, and nothing lies between them`,
        "Correct them: ksmtuned would scan at the larger one only, or not at all",
      );
    }
    if (value.KSM_NPAGES_BOOST <= 0 || value.KSM_SLEEP_MSEC < 0) {
      throw new Unreadable(
        `KSM_NPAGES_BOOST is ${value.KSM_NPAGES_BOOST} and KSM_SLEEP_MSEC ${value.KSM_SLEEP_MSEC}: the controller would never scan faster`,
        "Correct them: a boost is above 0, a pause not below",
      );
    }
    const sleep = Math.max(
      leastSleep_ms,
      Math.floor(value.KSM_SLEEP_MSEC * sleepIsFor_gib / over_gib),
    );
    const missing = (Object.keys(defaults) as Name[]).filter((name) => !said.has(name));
    const decays = Math.ceil(
      (value.KSM_NPAGES_MAX - value.KSM_NPAGES_MIN) / Math.max(1, -value.KSM_NPAGES_DECAY),
    );
    const coefficient = value.KSM_THRES_COEF / 100;
    const threshold_kib = Math.max(coefficient * over_gib * 2 ** 20, value.KSM_THRES_CONST);
    return {
      form: "ksmtuned-conf",
      steps: stepsOf(value, sleep),
      ignored,
      remarks: [
        `Every ${value.KSM_MONITOR_INTERVAL} s ksmtuned looks: while less than ` +
        `${
          (threshold_kib / 2 ** 20).toFixed(1)
        } GiB of ${over_gib} GiB are free it adds ${value.KSM_NPAGES_BOOST} pages to the batch, ` +
        `otherwise it takes ${-value
          .KSM_NPAGES_DECAY} off; from the most back to the least that takes ` +
        `${
          decays * value.KSM_MONITOR_INTERVAL
        } s. With enough free for all that the guests were promised, it stops KSM.`,
        ...(value.KSM_THRES_CONST > coefficient * over_gib * 2 ** 20 ? [] : [
          `KSM_THRES_CONST=${value.KSM_THRES_CONST} is in KiB and less than KSM_THRES_COEF=${value.KSM_THRES_COEF} % of ` +
          `the memory: it has no effect.`,
        ]),
        ...(missing.length === 0 ? [] : [
          `Taken from ksmtuned's own defaults, as the file does not set them: ${
            missing.map((name) => `${name}=${value[name]}`).join(", ")
          }.`,
        ]),
      ],
    };
  },
};
