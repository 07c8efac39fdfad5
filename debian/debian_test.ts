// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fetchDeb } from "./debian.ts";
import { sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { withRepository } from "./testdata/repository.ts";

Deno.test("fetchDeb() fetches the locked version and fetches a damaged file again by name", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const said: string[] = [];
    const options = { sources, report: (line: string) => void said.push(line) };
    const first = await fetchDeb(locked!, options);
    assertEquals([first.drift, first.version], [false, "1.0-2"]);
    const bytes = await Deno.readFile(first.path);
    bytes[0]! ^= 1;
    await Deno.remove(first.path);
    await Deno.writeFile(first.path, bytes);
    const second = await fetchDeb(locked!, options);
    assertEquals(await sha256OfFile(second.path), locked!.sha256);
    assertStringIncludes(said.join("\n"), `${first.path} has another sha256`);
  }));

Deno.test("fetchDeb() takes the newest of the line when the version is gone, as drift", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const said: string[] = [];
    const fetched = await fetchDeb({ ...locked!, version: "1.0-1", line: "1.0" }, {
      sources,
      report: (line, level) => void said.push(`${level}: ${line}`),
    });
    assertEquals([fetched.version, fetched.drift], ["1.0-2", true]);
    assertEquals(fetched.sha256, locked!.sha256);
    assertStringIncludes(
      said.join("\n"),
      "warning: thing 1.0-1 is gone from the mirror; using 1.0-2",
    );
  }));

Deno.test("fetchDeb() takes a package of another name where each version has its own, as drift", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const said: string[] = [];
    const gone = { ...locked!, name: "thin-1", version: "1.0-1", line: "1.0" };
    const options = { sources, report: (line: string) => void said.push(line) };
    const fetched = await fetchDeb({ ...gone, successors: "^thin[g]$" }, options);
    assertEquals([fetched.name, fetched.version, fetched.drift], ["thing", "1.0-2", true]);
    assertStringIncludes(
      said.join("\n"),
      "thin-1 1.0-1 is gone from the mirror; using thing 1.0-2",
    );
    await assertRejects(
      () => fetchDeb({ ...gone, successors: "^thin-[0-9]+$" }, options),
      LabError,
      "Cannot fetch thin-1 1.0-1",
    );
  }));

Deno.test("fetchDeb() refuses another line", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    await assertRejects(
      () => fetchDeb({ ...locked!, version: "0.9-1", line: "0.9" }, { sources, report: () => {} }),
      LabError,
      "Cannot fetch thing 0.9-1",
    );
  }));

Deno.test("fetchDeb() refuses the locked version with other content, after a second try", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const said: string[] = [];
    await assertRejects(
      () =>
        fetchDeb({ ...locked!, sha256: "0".repeat(64) }, {
          sources,
          report: (line) => void said.push(line),
        }),
      LabError,
      "has another sha256 than the lock says",
    );
    assertStringIncludes(said.join("\n"), "trying once more");
  }));
