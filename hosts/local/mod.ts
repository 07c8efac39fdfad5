// SPDX-License-Identifier: Apache-2.0
/** The kind of host that is this machine, where it has virtualization. */
import { defaultSettings } from "../../contract/settings.ts";
import { objectionToReal } from "../command/facts.ts";
import { provideHosts } from "../command/provide.ts";
import { local } from "../command/reach.ts";
import type { HostKind } from "../kinds.ts";

export const hostKind: HostKind = {
  name: "local",
  summary: "this machine, as root, with svm or vmx; measured in time",
  objection: (settings) => objectionToReal(settings, defaultSettings),
  provide: (request) => provideHosts("local", [local], request),
};
