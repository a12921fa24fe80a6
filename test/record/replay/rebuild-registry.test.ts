import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, it } from "vitest";
import { NotRebuiltError, rebuildRegistry } from "../../../src/record/replay/rebuild-registry.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { changeRegistry } from "../../rig/change-registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { recordFully } from "../../suites/full-history.ts";
import { History } from "../../suites/history.ts";
import { anyBatches } from "../random-events.ts";

/** Every row of every table but that of the queue for places. */
function dumpTables(path: string): Record<string, unknown[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'holds'").all();
  const tables = names.map(
    ({ name }) => [name, database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all()] as const,
  );
  return Object.fromEntries(tables);
}

function change(path: string, sql: string): void {
  using database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  changeRegistry(database, sql);
}

const DAMAGE =
  "DELETE FROM pins; DELETE FROM versions; DELETE FROM run_counts; UPDATE runs SET status = 'pending'; UPDATE attempts SET log = 'x'";

function makeRegistry(): { path: string; target: string; events: number } {
  const folder = makeTemporaryFolder();
  const [path, target] = [join(folder, "registry.sqlite"), join(folder, "new.sqlite")];
  const registry = openSqliteRegistry(path, { markLog: (before, hash) => `${before.length}${hash}` });
  const history = new History((events) => registry.append(events));
  recordFully(history);
  registry.close();
  return { path, target, events: history.events.length };
}

it("every table is made anew from the log alone, into a new file, and the old one stays as it is", () => {
  const { path, target, events } = makeRegistry();
  const before = dumpTables(path);
  expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
  change(path, DAMAGE);
  const damaged = dumpTables(path);
  const rebuilt = rebuildRegistry(path, target);
  expect(rebuilt).toMatchObject({ events, faults: [] });
  expect(new Set(rebuilt.differences.map(({ table }) => table))).toEqual(
    new Set(["pins", "versions", "run_counts", "runs", "attempts"]),
  );
  expect(dumpTables(target)).toEqual(before);
  expect(dumpTables(path)).toEqual(damaged);
  expect(statSync(target).mode & 0o777).toBe(0o600);
  openSqliteRegistry(target).close();
});

it("says which links of the log do not hold, and rebuilds what the log says all the same", () => {
  const { path, target } = makeRegistry();
  change(path, "UPDATE events SET body = replace(body, 'good', 'bad') WHERE type = 'run.noted'");
  const { faults, differences } = rebuildRegistry(path, target);
  expect(faults).toHaveLength(1);
  expect(differences).toMatchObject([{ table: "notes" }, { table: "notes" }]);
});

it("leaves no file behind if the log contradicts itself, and replaces none", () => {
  const { path, target } = makeRegistry();
  change(path, "UPDATE events SET body = '{' WHERE seq = 4");
  expect(() => rebuildRegistry(path, target)).toThrow(NotRebuiltError);
  expect(readdirSync(join(path, "..")).filter((name) => name.startsWith("new"))).toEqual([]);
  writeFileSync(target, "mine");
  expect(() => rebuildRegistry(path, target)).toThrow(/there already/);
  expect(existsSync(target)).toBe(true);
});

it("random histories give the same tables after a rebuild, and keep their log", () => {
  const folder = makeTemporaryFolder();
  let count = 0;
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const [path, target] = [join(folder, `${count}.db`), join(folder, `${count++}.new`)];
      const registry = openSqliteRegistry(path);
      for (const batch of batches) {
        try {
          registry.append(batch);
        } catch {}
      }
      registry.close();
      const before = dumpTables(path);
      change(path, DAMAGE);
      rebuildRegistry(path, target);
      expect(dumpTables(target)).toEqual(before);
    }),
    { numRuns: 15 },
  );
});
