// SPDX-License-Identifier: Apache-2.0
/** Verbs about real hosts. */
import type { HostRequest } from "../host.ts";
import { flag, oneOf } from "../flags.ts";
import { verb } from "../verb.ts";

export const host = verb({
  summary: "look at a real host, put back what was changed there, or leave nothing there",
  more:
    "Look at a real host, `local` or `ssh://user@host:port`: status says what it is and whether trials " +
    "can be carried out; restore puts back what a trial has changed and could not put back itself; forget " +
    "does that, and removes all that the lab keeps there. docs/HARDWARE.md says what is changed.",
  parameters: {
    flags: { dryRun: flag("say the commands, and carry out none") },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: oneOf("status", "restore", "forget"),
          placeholder: "WHAT",
          brief: "status, restore or forget",
        },
        { parse: String, placeholder: "HOST", brief: "local, or ssh://user@host:port" },
      ],
    },
  },
  examples: [
    ["host status ssh://root@metal1", "what it is, what is changed there, what lies there"],
    ["host restore ssh://root@metal1", "the settings are as before the trial"],
    ["host forget ssh://root@metal1", "and nothing of the lab is left"],
  ],
  exits: { 1: "something speaks against trials there, or could not be put back" },
  request: (
    { dryRun }: { dryRun: boolean },
    [what, host]: [HostRequest["what"], string],
  ): HostRequest => ({ what, host, dryRun }),
  needs: () => ({
    ...{ run: true, write: ["cache"], variables: ["cache", "programs"] },
  }),
  load: async () => (await import("../host.ts")).host,
});
