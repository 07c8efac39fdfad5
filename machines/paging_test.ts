// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { isShadowPaging, pagingModes, pagingNames } from "./paging.ts";

Deno.test("isShadowPaging() knows both vendors' shadow paging, and nothing else", () => {
  assertEquals(pagingNames.filter(isShadowPaging), ["shadow", "shadow-vmx"]);
  assertEquals([undefined, "", "toString"].map(isShadowPaging), [false, false, false]);
});

Deno.test("each way of mapping guests' memory tells its vendor's KVM, and no other", () => {
  for (const name of pagingNames) {
    const { vendor, kernelParameters } = pagingModes[name];
    const module = vendor === "svm" ? "kvm_amd." : "kvm_intel.";
    assertEquals(kernelParameters.filter((one) => !one.startsWith(module)), [], name);
  }
});
