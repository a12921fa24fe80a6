import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { readMigrations, SCHEMA_FILE } from "../src/record/sqlite/migrations.ts";

/** The tables as all migrations leave them, so that a new registry is made in one step. The first line says of which version they are. */
export function squashMigrations(): string {
  const migrations = readMigrations();
  const database = new DatabaseSync(":memory:");
  for (const { sql } of migrations) database.exec(sql);
  const made = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").all();
  database.close();
  const statements = made.map(({ sql }) => `${String(sql)};\n`).join("");
  return `-- Version ${migrations.at(-1)?.number ?? 0}, written from the migrations by \`npm run schema\`.\n${statements}`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, squashMigrations());
