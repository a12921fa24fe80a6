import { RegistryError } from "../../core/error/registry-error.ts";

/** 3.7.0 to 3.51.2 can damage a WAL database that several processes write (sqlite.org/wal.html). */
const OLDEST = "3.51.3";

/** Throws RegistryError if this SQLite may lose what it said it stored. */
export function assertSqliteVersion(version: string): void {
  if (compareVersions(version, OLDEST) >= 0) return;
  throw new RegistryError(
    "sqlite-too-old",
    `this Node.js brings SQLite ${version}, which can damage a registry that several processes write`,
    `use a Node.js with SQLite ${OLDEST} or newer, such as the current Node.js 24`,
  );
}

/** Number by number: a numeric `localeCompare` takes 8 ms, for its collation rules. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const differs = left.findIndex((part, index) => part !== right[index]);
  return differs === -1 ? 0 : (left[differs] ?? 0) - (right[differs] ?? 0);
}
