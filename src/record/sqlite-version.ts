import { RegistryError } from "../core/registry.ts";

/** 3.7.0 to 3.51.2 can damage a WAL database that several processes write (sqlite.org/wal.html). */
const OLDEST = "3.51.3";

/** Throws RegistryError if this SQLite may lose what it said it stored. */
export function assertSqliteVersion(version: string): void {
  if (version.localeCompare(OLDEST, "en", { numeric: true }) >= 0) return;
  throw new RegistryError(
    "sqlite-too-old",
    `this Node.js brings SQLite ${version}, which can damage a registry that several processes write`,
    `use a Node.js with SQLite ${OLDEST} or newer, such as the current Node.js 24`,
  );
}
