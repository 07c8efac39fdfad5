// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";
import { compileProgram } from "../../images/programs.ts";
import { caged, hasCage, type Limits, requireCageFor } from "./cage.ts";

/** Little, to be met soon. */
const limits = { addresses_mib: 256, file_mib: 8, cpu_s: 60 };

const prisoner = join(import.meta.dirname!, "testdata");

/** What the program in testdata/ finds in a cage. */
async function inCage(
  use: (run: (...args: string[]) => Promise<string>, folder: string) => Promise<void>,
  changes: Partial<Limits> = {},
) {
  const program = await compileProgram(
    "prisoner",
    [prisoner],
    [join(prisoner, "prisoner.c")],
    "the program that tries to leave its cage",
    () => {},
  );
  const dir = await Deno.makeTempDir();
  const folder = join(dir, "own, folder");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(dir, "secret"), "secret");
  try {
    await use(async (...args) => {
      const [command, all] = await caged(program, args, {
        ...{ folder, files: [], limits: { ...limits, ...changes } },
      });
      const { stdout } = await run(command, all, {
        ...{ purpose: "try to leave the cage", timeLimit_s: 120 },
      });
      return stdout;
    }, folder);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a caged program sees and does nothing but its own", () =>
  inCage(async (run, folder) => {
    assert(await hasCage(), "this machine has no namespaces, so that nothing is tested");
    const said = await run(folder, join(folder, "..", "secret"));
    assertEquals(said.split("\n"), [
      "root user: no",
      "new privileges: no",
      "capabilities: none",
      "secret: no",
      "network: no",
      "other processes: no",
      "own program: not to be written",
      "own folder: written",
      "root folder: not to be written",
      "namespaces of its own: no",
      "another root: no",
      "links out of the folder: no",
      "variables: LC_ALL TZ",
      "",
    ]);
    assertEquals(await Deno.readTextFile(join(folder, "written")), "written");
    /* A link that it made to the secret is gone. */
    assertEquals(
      (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter((name) =>
        !name.startsWith("cage.")
      ),
      ["written"],
    );
  }));

Deno.test("of a caged program it is known which signal ended it, and how", () =>
  inCage(async (run) => {
    await assertRejects(() => run("--raise", "11"), LabError, "SIGSEGV");
    await assertRejects(() => run("--exit", "7"), LabError, "exit status 7");
  }));

Deno.test("a caged program takes no more memory and room than it may", () =>
  inCage(async (run, folder) => {
    const [hoarded_mib] = (await run("--hoard", "1024")).split("\n").map(Number);
    assert(hoarded_mib! > 100 && hoarded_mib! < limits.addresses_mib, `${hoarded_mib} MiB`);
    await assertRejects(() => run("--fill", join(folder, "filled")), LabError, "SIGXFSZ");
    assertEquals((await Deno.stat(join(folder, "filled"))).size, limits.file_mib * 2 ** 20);
  }));

Deno.test("a caged program is ended once it has had its processor time", () =>
  inCage(
    (run) => assertRejects(() => run("--spin", "60"), LabError, "was ended by SIG").then(() => {}),
    { cpu_s: 1 },
  ));

Deno.test("nothing that a caged program leaves behind runs on", () =>
  inCage(async (run, folder) => {
    await run("--leave", join(folder, "alive"));
    const before = await Deno.readTextFile(join(folder, "alive")).catch(() => "");
    await new Promise((done) => setTimeout(done, 300));
    assertEquals(await Deno.readTextFile(join(folder, "alive")).catch(() => ""), before);
  }));

Deno.test("root does not run programs from elsewhere where there are no namespaces", async () => {
  const without = () => Promise.resolve(false);
  await assertRejects(
    () => requireCageFor("this pack's programs", without, () => Promise.resolve(true)),
    LabError,
    "as root",
  );
  assertEquals(await requireCageFor("", without, () => Promise.resolve(false)), "bare");
});
