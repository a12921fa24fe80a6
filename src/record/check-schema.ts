import type { DatabaseSync } from "node:sqlite";
import { RegistryError } from "../core/registry-error.ts";

/** What runs by itself when something is read or written. */
const ACTIVE = `
  SELECT type, name, sql FROM sqlite_schema
  WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL%'`;

/**
 * Refuses a registry that somebody has put views, triggers or virtual tables into: they would do as they like with whatever is
 * asked or recorded. `known` is what made ours. Throws RegistryError.
 */
export function assertPlainSchema(database: DatabaseSync, path: string, known: readonly string[]): void {
  for (const { type, name, sql } of database.prepare(ACTIVE).all()) {
    const isOurs = type === "trigger" && known.some((made) => made.includes(String(sql)));
    if (isOurs) continue;
    throw new RegistryError(
      "registry-corrupt",
      `the registry ${path} holds a ${type === "table" ? "virtual table" : type} "${name}" that runweave did not make`,
      "move it aside, or put a backup in its place; data that runs have saved are not affected",
    );
  }
}
