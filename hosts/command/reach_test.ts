// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { parseAddresses } from "../ssh/address.ts";
import { local, sshReach } from "./reach.ts";

const environment = { agentSocket: "/s", config: undefined, sockets: "/c" };

Deno.test("a command is carried out here as it is", () => {
  assertEquals(local.wrap(["echo", "a b"]), ["echo", ["a b"]]);
});

Deno.test("a command for another machine is quoted for the shell there, and nobody is asked anything", () => {
  const [address] = parseAddresses("ssh://me@metal1:2222");
  const reach = sshReach(address!, environment);
  const [program, args] = reach.wrap(["echo", "a b", "$HOME", "it's"]);
  assertEquals(program, "ssh");
  assertEquals(args.slice(-3), ["me@metal1", "--", `echo 'a b' '$HOME' 'it'\\''s'`]);
  assert(
    args.includes("BatchMode=yes") && args.includes("StrictHostKeyChecking=yes"),
    args.join(" "),
  );
  assertEquals(args[args.indexOf("-p") + 1], "2222");
  assertEquals(reach.env, { SSH_AUTH_SOCK: "/s" });
});

Deno.test("parseAddresses() reads one or several, and refuses what would be an option of ssh's", () => {
  assertEquals(parseAddresses("ssh://a,ssh://b:22").map(({ port }) => port), [undefined, 22]);
  for (
    const bad of [
      "ssh://-oProxyCommand=x",
      "ssh://a b",
      "ssh://",
      "ssh://a:0",
      "ssh://a:99999",
      "b",
    ]
  ) {
    assertThrows(() => parseAddresses(bad), LabError, "not an address");
  }
  assertThrows(() => parseAddresses("ssh://a,ssh://a"), LabError, "twice");
});
