import type { PlainFile, Read, ResolvedRead, ResolvedReads } from "./read.ts";

/** Lists the version that each read of a run is pinned to, by dataset. */
export function listVersions({ reads }: { reads: ResolvedReads }): Record<string, string> {
  const versions = Object.entries(reads).map(([dataset, read]) => [dataset, versionOf(read)] as const);
  return Object.fromEntries(versions.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Returns the version that a read is pinned to; null for what floats, and for what the session is still to save. */
export function versionOf(read: Read | ResolvedRead): string | null {
  if (read.rule === "plain") return versionOfFile(read.file);
  if (!("version" in read)) return null;
  return typeof read.version === "string" ? read.version : read.version.version;
}

const SHOWN_DIGITS = 16;

/** Returns the version of plain data: their hash, or size and time if they have not been read. */
function versionOfFile({ hash, bytes, modifiedMs, tree }: PlainFile): string {
  const kind = tree === undefined ? "file" : "folder";
  if (hash === null) return `${kind}-${bytes}-${Math.trunc(modifiedMs ?? 0)}`;
  const digits = hash.slice(hash.lastIndexOf(":") + 1).replaceAll(/[^A-Za-z0-9-]/g, "");
  return `${kind}-${digits.slice(0, SHOWN_DIGITS)}`;
}
