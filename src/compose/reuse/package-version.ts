import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** `@scope/name` of `@scope/name/some/file.js`. */
export function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/**
 * Finds the version of a package that a file in `folder` would import, by its name, or the reason why there is none, as
 * the end of a clause: `"lodash" is not installed`.
 */
export function findPackageVersion(
  name: string,
  folder: string,
): { version: string; fault: null } | { version: null; fault: string } {
  const file = findManifest(name, folder);
  if (file === null) return { version: null, fault: "is not installed" };
  const place = dirname(realpathSync(file));
  // A linked package is edited in its place, under one version.
  if (!place.includes(`${sep}node_modules${sep}`)) return { version: null, fault: `is a link to ${place}` };
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown };
  return typeof version === "string" ? { version, fault: null } : { version: null, fault: "has no version" };
}

function findManifest(name: string, folder: string): string | null {
  const file = join(folder, "node_modules", name, "package.json");
  try {
    realpathSync(file);
    return file;
  } catch {
    return dirname(folder) === folder ? null : findManifest(name, dirname(folder));
  }
}
