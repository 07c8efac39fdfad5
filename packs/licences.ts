// SPDX-License-Identifier: Apache-2.0
/** What of a pack is under which licence, and what the GPL asks of those who pass binaries on. */
import { join } from "@std/path";
import { lineOf } from "../kernel/lines.ts";
import { withScratch } from "../store/cache.ts";
import { exists } from "../base/files.ts";
import { unpackPackage } from "../debian/packages.ts";
import { copyInto, writeInto } from "./files.ts";
import { shippedPackages, type Sources } from "./sources.ts";

const root = join(import.meta.dirname!, "..");

/** Where Debian keeps the texts that copyright files refer to. */
const commonLicences = "/usr/share/common-licenses";
const referredTo = [
  "Apache-2.0",
  "Artistic",
  "GPL-1",
  "GPL-2",
  "GPL-3",
  "LGPL-2",
  "LGPL-2.1",
  "LGPL-3",
];

/**
 * Licences of the lab, of all packages in it in binary form, and the statement about them.
 *
 * @param table rows that say which part is under which licence.
 */
export async function packLicences(
  sources: Sources,
  folder: string,
  complete: boolean,
  table = packTable,
): Promise<void> {
  await copyInto(join(root, "LICENSE"), join(folder, "LICENSE"));
  await copyInto(join(root, "LICENSES/GPL-2.0.txt"), join(folder, "LICENSES/GPL-2.0.txt"));
  for (const name of referredTo) {
    const text = join(commonLicences, name);
    if (await exists(text)) await copyInto(text, join(folder, "LICENSES/common", name));
  }
  await packCopyrights(sources, join(folder, "LICENSES/debian"));
  await writeInto(join(folder, "LICENSES/README.md"), statement(sources, complete, table));
}

/** Each package's own word, from the package itself. */
async function packCopyrights(sources: Sources, folder: string): Promise<void> {
  await withScratch(`licences-${crypto.randomUUID().slice(0, 8)}`, async (scratch) => {
    for (const { name, path } of await shippedPackages(sources)) {
      const unpacked = join(scratch, name);
      await unpackPackage(path, unpacked);
      await copyright(join(unpacked, "usr/share/doc"), name, folder);
    }
  });
}

/** A package's documents may be those of another one, by a link that only its own tree has. */
async function copyright(documents: string, name: string, folder: string): Promise<void> {
  for (const candidate of [name, name.replace(/-dev$/, ""), "libc6"]) {
    const path = join(documents, candidate, "copyright");
    if (!await exists(path)) continue;
    return await copyInto(path, join(folder, `${name}.copyright`));
  }
}

/** Of a pack. */
const packTable = `\
| \`trials/\`, \`data/\`, \`tables/\`, \`figures/\`, \`index.html\`, \`replay/\`, \`reproduce\`, \`cage\`, and \`sources/lab/\` except the patches | Apache-2.0 (\`LICENSE\`) |
| \`sources/lab/kernel/lines/*/series/\`, \`binaries/host-kernel-*\`, \`binaries/guest-kernel-*\` | GPL-2.0-only (\`GPL-2.0.txt\`), with the kernel's own exceptions |
| \`sources/lab/emulator/qemu/patches/\`, \`binaries/emulator/qemu-system-x86_64\` | GPL-2.0-or-later as a whole |
| \`binaries/emulator/firmware/bios*.bin\` (SeaBIOS) | LGPL-3.0 |
| \`binaries/emulator/firmware/\`, the rest (option ROMs of QEMU) | GPL-2.0-or-later |
| \`binaries/image-*\` | an aggregate: the emulator, its firmware and the guests' kernel as above, the lab's own programs (Apache-2.0, linked with the GNU C library, LGPL-2.1-or-later), and files of the Debian packages below |
`;

function statement(sources: Sources, complete: boolean, table: string): string {
  const kernels = Object.entries(sources.kernels).map(([line, { name, version, sha256 }]) =>
    `- Linux ${line}: Debian's package \`${name}\` ${version}, sha256 ${sha256}; patches in ` +
    `\`sources/lab/kernel/lines/${line}/series/\` (none for the guests' kernel and the arm \`stock\`)`
  );
  for (const [name, { name: deb, version, sha256 }] of Object.entries(sources.debianKernels)) {
    kernels.push(
      `- guests' kernel ${name}: Debian's package \`${deb}\` ${version} as it is, sha256 ${sha256}; ` +
        `built by Debian from its source package \`linux\` of that version, ` +
        `which \`${sources.kernels[lineOf(name)]!.name}\` has too`,
    );
  }
  const { qemu, seabios, disks, linked, toolchain } = sources;
  const packages = (debs: readonly { name: string; version: string }[]) =>
    debs.map(({ name, version }) => `\`${name}\` ${version}`).join(", ");
  const disksOf = Object.entries(disks).filter(([, debs]) => debs.length > 0)
    .map(([workload, debs]) => `- image \`${workload}\`: ${packages(debs)}`);
  return `# Licences of what is in this archive

| what | licence |
|---|---|
${table}
\`debian/\` holds the copyright file of each Debian package that is here in binary form, \`common/\` the
licences that they refer to.

## Source of the binaries

${kernels.join("\n")}
- QEMU: Debian's source package \`${qemu.name}\` ${qemu.version}:
${qemu.files.map(({ name, sha256 }) => `  - \`${name}\`, sha256 ${sha256}`).join("\n")}

  with the patches in \`sources/lab/emulator/qemu/patches/\`
- SeaBIOS: Debian's package \`seabios\` ${seabios.version}, unchanged, sha256 ${seabios.sha256}
- linked into the emulator and the lab's programs: ${packages(linked)}
${disksOf.join("\n")}

Kernel configurations: \`config\` beside each kernel, made from \`sources/lab/kernel/config/\` and what \`sources/lab/kernel/lines/*/*.config\`
add for a line. Compiler:
${Object.values(toolchain).join("; ")}.

To build them: \`cd sources/lab && ./lab build\` on any Linux on x86-64. The commands are in \`kernel/build.ts\`,
\`emulator/qemu/build.ts\` and \`images/\`; compilers are those locked in \`debian/room.lock.json\`. The result is the same
to the bit.

## What this means for you

${complete ? withSources : withoutSources}
The sources of the other Debian packages named here are had by name and version from Debian's mirrors
(\`apt-get source NAME=VERSION\`), and for versions that are gone from there, from Debian's archive of all
versions, snapshot.debian.org.
`;
}

const withSources =
  `The complete source of kernels and emulator is in this archive: Debian's packages in
\`sources/packages/\`, the changes and the scripts to build them in \`sources/lab/\`.
`;

const withoutSources =
  `**This archive names the source of kernels and emulator, but holds only what the lab
changed: patches, configurations, scripts.** The GPL asks whoever passes these binaries on to give the
complete source along with them or to offer it. To publish this archive, make it with the
flag \`--sources\`, which adds the source packages, or keep them available beside it.
`;
