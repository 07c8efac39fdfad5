// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertMatch } from "@std/assert";
import { judge, refusedToStart, type Remains } from "./judge.ts";

const sound: Remains = {
  ...{ state: "done", reason: undefined, said: "[0.0] Linux version 6.1\n" },
  ...{ memory_mib: 150, outputRoom_mib: 64 },
};

const judged = (changes: Partial<Remains>) => judge({ ...sound, ...changes }) ?? "nothing";

Deno.test("judge() has nothing against a host that is done and did not complain", () => {
  assertEquals(judge(sound), undefined);
});

Deno.test("judge() believes no host whose kernel complained, though the agent is done", () => {
  const said = "[1.0] WARNING: CPU: 0 PID: 7 at mm/ksm.c:100 f+0x1/0x2\n";
  assertMatch(judged({ said }), /^the host's kernel complained: .*\n.*mm\/ksm\.c:100/);
});

Deno.test("judge() names memory that does not suffice, and what to set", () => {
  const unpacking =
    "[0.5] Initramfs unpacking failed: write error\nagent: cannot read the plan /plan\n";
  assertMatch(
    judged({ state: "absent", said: unpacking }),
    /^the host cannot unpack what it boots from: its 150 MiB .* Set host_memory_mib to more/,
  );
  const incomplete =
    "/initrd.image: incomplete write (-28 != 25929728)\nagent: cannot read the plan\n";
  assertMatch(judged({ state: "absent", said: incomplete }), /^the host cannot unpack/);
  assertMatch(judged({ state: "absent", said: "" }), /^the host ended before .* it has 150 MiB/);
  const large = "qemu: initrd is too large, cannot support.(max: 4030463, need 25929728)";
  assertMatch(
    refusedToStart(large, 4)!,
    /^the host cannot hold .* its 4 MiB .* Set host_memory_mib/,
  );
  assertEquals(refusedToStart("executed instructions: 5", 4), undefined);
  const killed = "[9.0] Out of memory: Killed process 55 (vmm) total-vm:1kB\n";
  assertMatch(
    judged({ state: "failed", reason: "guest 1 was killed by signal 9", said: killed }),
    /^the host ran out of memory and killed "vmm": its 150 MiB .* Set host_memory_mib/,
  );
});

Deno.test("judge() tells by what the agent was ended", () => {
  const died = (code: string) =>
    judged({
      state: "running",
      said: `Kernel panic - not syncing: Attempted to kill init! exitcode=${code}`,
    });
  assertMatch(died("0x0000000b"), /^the host's agent died: it was ended by signal 11\./);
  assertMatch(died("0x00000300"), /^the host's agent died: it ended with status 3\./);
});

Deno.test("judge() puts the next step behind what happened, and the guest's console below", () => {
  const asleep = "guest 1 did not answer in time (touch 1)\n--- guest 1, console ---\nhello";
  assertMatch(
    judged({ state: "failed", reason: asleep }),
    /^guest 1 did not answer in time \(touch 1\)\. The guest slept or span: .*\n--- guest 1, console ---\nhello$/,
  );
  const starved =
    "guest 0 ended (exit status of its process: 0)\nKernel panic - not syncing: System is deadlocked on memory";
  assertMatch(judged({ state: "failed", reason: starved }), /set guest_memory_mib to more/);
});

Deno.test("judge() says that records took all their room, and shows the end of a mute host's console", () => {
  assertMatch(judged({ state: "full" }), /^its records took more than the 64 MiB/);
  assertMatch(judged({ state: "absent", said: "last words" }), /without a word .*\nlast words$/);
});
