// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { failureReason } from "./ending.ts";
import { OutputReader } from "./output.ts";

/** Writes as the agent does: data first, then the length. */
async function write(path: string, text: string, length: number, state: number) {
  const file = await Deno.open(path, { write: true });
  const header = new DataView(new ArrayBuffer(24));
  new Uint8Array(header.buffer).set(new TextEncoder().encode("SAMEPAGE"));
  header.setBigUint64(8, BigInt(length), true);
  header.setBigUint64(16, BigInt(state), true);
  await file.seek(4096, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode(text));
  await file.seek(0, Deno.SeekMode.Start);
  await file.write(new Uint8Array(header.buffer));
  file.close();
}

async function withReader(use: (reader: OutputReader, path: string) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  const reader = await OutputReader.create(`${dir}/output`, 1 << 16);
  try {
    await use(reader, `${dir}/output`);
  } finally {
    reader.close();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("OutputReader gives what is new, and nothing before the agent has begun", () =>
  withReader(async (reader, path) => {
    assertEquals([await reader.readNew(), reader.state], ["", "absent"]);
    await write(path, "{}\n", 3, 0);
    assertEquals([await reader.readNew(), reader.state], ["{}\n", "running"]);
    await write(path, "{}\n[]\nhalf", 6, 1);
    assertEquals([await reader.readNew(), reader.state], ["[]\n", "done"]);
    assertEquals(new TextDecoder().decode(reader.bytes()), "{}\n[]\n");
  }));

Deno.test("OutputReader shows the agent's reason and the guest's console", () =>
  withReader(async (reader, path) => {
    const failure = { t_ns: 1, phase: "boot", kind: "failures", reason: "guest 1 ended" };
    const line = JSON.stringify({ ...failure, console: "panic\n" }) + "\n";
    await write(path, line, line.length, 2);
    await reader.readNew();
    assertEquals([reader.state, failureReason(reader.bytes())], ["failed", "guest 1 ended\npanic"]);
  }));

Deno.test("OutputReader believes what comes back with a saved state once the machine goes on", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/output`;
  const reader = await OutputReader.create(path, 1 << 16, true);
  try {
    /* The header is loaded before what it speaks of. */
    await write(path, "\0\0\0", 3, 0);
    assertEquals(await reader.readNew(), "");
    await write(path, "{}\n", 3, 0);
    assertEquals(await reader.readNew(), "");
    await write(path, "{}\n[]\n", 6, 0);
    assertEquals(await reader.readNew(), "{}\n[]\n");
  } finally {
    reader.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("OutputReader gives what came back with a saved state if the machine has said no more", async () => {
  const dir = await Deno.makeTempDir();
  const reader = await OutputReader.create(`${dir}/output`, 1 << 16, true);
  await write(`${dir}/output`, "{}\n", 3, 2);
  assertEquals([await reader.readNew(), await reader.readNew(true)], ["", "{}\n"]);
  reader.close();
  await Deno.remove(dir, { recursive: true });
});
