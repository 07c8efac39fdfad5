// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { consoleProblems } from "./console.ts";

Deno.test("consoleProblems() finds nothing in a quiet boot", () => {
  assertEquals(
    consoleProblems("[    0.000000] Linux version 6.1\n[    1.0] SVM: kvm: enabled\n"),
    undefined,
  );
});

Deno.test("consoleProblems() shows the excerpt around each kind of complaint", () => {
  const complaints = [
    "WARNING: CPU: 0 PID: 61 at virt/kvm/kvm_main.c:700 kvm_change_spte_gfn+0x10/0x20",
    "BUG: unable to handle page fault for address: ffffc900",
    "kernel BUG at arch/x86/kvm/mmu/tdp_mmu.c:500!",
    "Oops: 0002 [#1] SMP NOPTI",
    "Kernel panic - not syncing: Attempted to kill init!",
    "rcu: INFO: rcu_sched self-detected stall on CPU",
    "WARNING: possible circular locking dependency detected",
    "INFO: task ksmd:34 blocked for more than 120 seconds.",
    "Out of memory: Killed process 80 (vmm)",
  ];
  for (const complaint of complaints) {
    const found = consoleProblems(`[1] before\n[2] ${complaint}\n[3] after\n`);
    assertStringIncludes(found ?? "nothing", complaint);
    assertStringIncludes(found ?? "nothing", "[1] before");
  }
});
