import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";

interface PackageFile {
  name: string;
  version: string;
  license?: string;
}

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** Folders of the packages that bundles were made of, relative to the repository, sorted. */
export function listBundled(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  return [...new Set(inputs.flatMap((input) => PACKAGE.exec(input)?.[1] ?? []))].sort();
}

/** The licences of the packages in these folders, one text for all. Throws if a package has none. */
export function formatLicences(root: string, folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, folder, "package.json"), "utf8"),
    ) as PackageFile;
    const [file] = globSync("{LICENSE,LICENCE,license,License}{,.*}", { cwd: path.join(root, folder) });
    if (file === undefined) throw new Error(`the package ${name} is bundled and has no licence file`);
    return `${name} ${version} (${license ?? "see below"})\n\n${readFileSync(path.join(root, folder, file), "utf8").trim()}\n`;
  });
  return `The program in this folder contains these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
