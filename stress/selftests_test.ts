// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { stepsOf } from "./selftests.ts";

const tests = {
  kvm: Object.fromEntries(
    ["vmx_dirty_log_test", "svm_vmcall_test", "ksm_merge_test", "rseq_test"].map((
      name,
    ) => [name, `/built/${name}`]),
  ),
  ksm: { ksm_tests: "/built/ksm_tests" },
};

const namesOf = (mmu: "npt" | "ept", only?: string[]) =>
  stepsOf(tests, mmu, only).steps.map(({ name }) => name);

Deno.test("a host runs the tests of its own vendor's virtualization, and none that need more CPUs", () => {
  assertEquals(namesOf("ept").slice(0, 2), ["kvm:ksm_merge_test", "kvm:vmx_dirty_log_test"]);
  assertEquals(namesOf("npt").slice(0, 2), ["kvm:ksm_merge_test", "kvm:svm_vmcall_test"]);
});

Deno.test("of the kernel's tests those whose names hold a word can be chosen, with what they call", () => {
  assertEquals(namesOf("ept", ["vmx", "merge"]), ["kvm:ksm_merge_test", "kvm:vmx_dirty_log_test"]);
  assertEquals(stepsOf(tests, "ept", ["vmx"]).files, {
    "kvm/vmx_dirty_log_test": "/built/vmx_dirty_log_test",
  });
  const ksm = stepsOf(tests, "npt", ["ksm_tests_-M"]);
  assertEquals(ksm.files, { "ksm/ksm_tests": "/built/ksm_tests" });
  assertEquals(ksm.steps.length, 1);
});

Deno.test("no test with such a name is a mistake, and says which there are", () => {
  const error = assertThrows(() => stepsOf(tests, "npt", ["vmx"]), LabError);
  assertEquals(error.message.includes("--only vmx"), true);
});
