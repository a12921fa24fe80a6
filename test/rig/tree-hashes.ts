import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The SHA-256 of every file below a folder, by path; what runweave and Python keep for themselves left out. */
export function hashTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(\.runweave|__pycache__)\//.test(path));
  return Object.fromEntries(files.sort().map((path) => [relative(folder, path), hashFile(path)]));
}

export function hashFile(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
