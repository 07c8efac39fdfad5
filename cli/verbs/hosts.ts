// SPDX-License-Identifier: Apache-2.0
/** Verbs about real hosts. */
import { LabError } from "../../base/errors.ts";
import { type KernelLine, kernelLines } from "../../kernel/lines.ts";
import { type Way, ways } from "../../hosts/prepare/ways.ts";
import { duration, flag, oneOf } from "../flags.ts";
import type { HostRequest } from "../host.ts";
import { verb } from "../verb.ts";
import { building } from "../working.ts";

const whats = ["status", "prepare", "restore", "forget"] as const;

/** A server takes minutes to look at its memory and its cards. */
const usualWait_s = 900;

interface HostFlags {
  dryRun: boolean;
  deb?: string;
  line?: KernelLine;
  by?: Way;
  wait?: number;
}

export const host = verb({
  summary: "look at a real host, boot the patched kernel there, put back what was changed",
  more:
    "Look at a real host, `local` or `ssh://user@host:port`: status says what it is and whether trials " +
    "can be carried out; prepare installs a kernel there, has the boot loader boot it once, restarts the " +
    "host and says what came back; restore puts back what a trial has changed and could not put back " +
    "itself; forget does that, and removes all that the lab keeps there. docs/HARDWARE.md says what is " +
    "changed.",
  parameters: {
    flags: {
      dryRun: flag("say the commands, and carry out none"),
      deb: {
        kind: "parsed",
        parse: String,
        placeholder: "FILE",
        brief:
          "prepare: the kernel's Debian package; made as by `lab build kernel --deb` if not given",
        optional: true,
      },
      line: {
        kind: "parsed",
        parse: oneOf(...kernelLines),
        placeholder: kernelLines.join("|"),
        brief: `prepare: of which kernel, if it is made; ${kernelLines[0]} if not given`,
        optional: true,
        proposeCompletions: () => [...kernelLines],
      },
      by: {
        kind: "parsed",
        parse: oneOf(...ways),
        placeholder: ways.join("|"),
        brief: "prepare: how a kernel is booted once; the host's boot loader if not given",
        optional: true,
        proposeCompletions: () => [...ways],
      },
      wait: {
        kind: "parsed",
        parse: duration("--wait"),
        placeholder: "DURATION",
        brief: "prepare: how long the host may take to come back; 15m if not given",
        optional: true,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: oneOf(...whats),
          placeholder: "WHAT",
          brief: "status, prepare, restore or forget",
        },
        { parse: String, placeholder: "HOST", brief: "local, or ssh://user@host:port" },
      ],
    },
  },
  examples: [
    ["host status ssh://root@metal1", "what it is, what is changed there, what lies there"],
    ["host prepare ssh://root@metal1 --line 6.12", "it boots the patched kernel, this once"],
    ["host restore ssh://root@metal1", "the settings are as before the trial"],
    ["host forget ssh://root@metal1", "and nothing of the lab is left"],
  ],
  exits: { 1: "something speaks against trials there, or the host is not as it should be" },
  request: (
    { dryRun, deb, line, by, wait }: HostFlags,
    [what, host]: [HostRequest["what"], string],
  ): HostRequest => {
    const told = [deb, line, by, wait].some((value) => value !== undefined);
    if (told && what !== "prepare") {
      throw new LabError(`Cannot ${what} a host: --deb, --line, --by and --wait are for prepare`);
    }
    if (deb !== undefined && line !== undefined) {
      throw new LabError("Cannot prepare a host: --line is of a kernel that is made, --deb is one");
    }
    if (what !== "prepare") return { what, host, dryRun };
    const prepare = { deb, line: line ?? kernelLines[0]!, by, wait_s: wait ?? usualWait_s };
    return { what, host, dryRun, prepare };
  },
  needs: (request) =>
    request.what === "prepare" && request.prepare.deb === undefined
      ? building
      : { ...{ run: true, write: ["cache"], variables: ["cache", "programs"] } },
  load: async () => (await import("../host.ts")).host,
});
