// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { NoRoom } from "../../base/errors.ts";
import { run } from "../../base/process.ts";
import { cacheRoot } from "../../store/cache.ts";
import { whyEmulatorFailed } from "./emulator_failure.ts";

const warning = "qemu: warning: TCG doesn't support requested feature: CPUID.01H:ECX.pcid [bit 17]";

/** A program that ends as the script says, as the emulator is run. */
async function failing(script: string): Promise<Error> {
  try {
    await run("sh", ["-c", script], { purpose: "end badly", timeLimit_s: 20 });
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

Deno.test("the reason names the signal that killed the emulator, and none of its usual warnings", async () => {
  const error = await failing("kill -KILL $$");
  const reason = whyEmulatorFailed(error, `$ qemu\n${warning}\n`, "Linux version 6.1\nbooting");
  assertStringIncludes(reason, "the emulator was ended by SIGKILL");
  assertStringIncludes(reason, "booting");
  assert(!reason.includes("CPUID"), reason);
});

Deno.test("the reason has what the emulator said last, without a path of this machine", async () => {
  const error = await failing("exit 1");
  const log = `$ ${cacheRoot()}/qemu\n${warning}\nqemu: cannot load ${cacheRoot()}/vmlinux\n`;
  assertEquals(
    whyEmulatorFailed(error, log, ""),
    "the emulator failed with exit status 1, and said:\n  | qemu: cannot load CACHE/vmlinux",
  );
});

Deno.test("an emulator that met a full disk says nothing of the trial", async () => {
  const error = await failing("exit 1");
  assertThrows(
    () => whyEmulatorFailed(error, "$ qemu\nqemu: write: No space left on device\n", ""),
    NoRoom,
    "No space left",
  );
});
