import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, it } from "vitest";
import { rebuildRegistry } from "../../src/record/rebuild-registry.ts";
import { openSqliteRegistry } from "../../src/record/sqlite-registry.ts";
import { claimOf, consumedPin, frozenPin, History } from "../suites/history.ts";
import { anyBatches } from "./random-events.ts";
import { makeScratchFolder } from "./scratch.ts";

/** Every row of every table that follows from the log. */
function dumpTables(path: string): Record<string, unknown[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'holds'").all();
  const tables = names.map(
    ({ name }) => [name, database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all()] as const,
  );
  database.close();
  return Object.fromEntries(tables);
}

function damageTables(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    "DELETE FROM pins; DELETE FROM versions; DELETE FROM run_counts; UPDATE runs SET status = 'pending'; UPDATE attempts SET log = 'x'",
  );
  database.close();
}

it("every table is made anew from the log alone", () => {
  const path = join(makeScratchFolder(), "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep", "train", "report", "idle");
  const prep = history.complete(session, "prep", { pins: [frozenPin("raw", "v1")], saves: ["table", "rows"] });
  const train = history.resolve(session, "train", { pins: [consumedPin("table", prep)] });
  history.start(train);
  const loaded = { dataset: "table", version: prep.run_id, location: "/t", node: "fit" };
  history.add({ type: "pipeline.started", time: history.time, ...train, total_nodes: 2 });
  history.add({ type: "dataset.loaded", time: history.time, ...train, ...loaded });
  history.add({ type: "node.failed", time: history.time, ...train, node: "fit", duration_ms: 4 });
  history.add({
    type: "dataset.saved",
    time: history.time,
    ...train,
    dataset: "x",
    version: null,
    location: "/x",
    node: null,
  });
  const facts = { python: "3.12", kedro: "1.7", platform: "linux", packages: {} };
  history.add({ type: "environment.captured", time: history.time, ...train, digest: "sha256:1", facts });
  history.add({ type: "metrics.reported", time: history.time, ...train, metrics: { rows: 2 } });
  history.add({ type: "run.warned", time: history.time, ...train, code: "odd", message: "odd" });
  history.fail(train);
  history.skip(session, "report", "train");
  const published = { run_id: prep.run_id, dataset: "table", location: "/plain.csv" };
  history.add({ type: "dataset.published", time: history.time, session_id: session, run: "prep", ...published });
  const named = { time: history.time, session_id: session, run: "prep", run_id: prep.run_id };
  history.add({ type: "alias.set", ...named, alias: "champion", dataset: "table" });
  history.add({ type: "run.tagged", ...named, key: "team", value: "a" });
  history.add({ type: "run.noted", ...named, text: "good" });
  const speaker = { user: "ann", host: "vm-1", pid: 7 };
  history.add({ type: "version.tainted", ...named, dataset: "table", reason: "wrong units", by: speaker });
  const old = { cause: "gc", state: "trashed", entry: "gc-1", manifest: "sha256:1", reason: "old", bytes: 3 } as const;
  history.add({ type: "run.discarded", ...named, ...old });
  const by = { user: "ann", host: "vm-1", pid: 7 };
  const asked = { request_id: "r1", action: "cancel", run: null, force: false, by } as const;
  history.add({ type: "request.made", time: history.time, session_id: session, ...asked });
  const kept = { dataset: "table", location: "/plain.csv", entry: "e", manifest: "sha256:1" };
  history.add({ type: "publication.prepared", ...named, ...kept });
  history.finishSession(session, "failed");
  const rollback = { time: history.time, session_id: session, claim: claimOf(2), command_line: [], force: false };
  history.add({ type: "rollback.started", ...rollback });
  history.add({ type: "run.compensated", ...named, status: "success", message: "exit code 0", log: "/log" });
  registry.close();

  const before = dumpTables(path);
  expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
  damageTables(path);
  expect(dumpTables(path)).not.toEqual(before);
  expect(rebuildRegistry(path)).toBe(history.events.length);
  expect(dumpTables(path)).toEqual(before);
});

it("random histories give the same tables after a rebuild, and keep their log", () => {
  const folder = makeScratchFolder();
  let count = 0;
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const path = join(folder, `${count++}.db`);
      const registry = openSqliteRegistry(path);
      for (const batch of batches) {
        try {
          registry.append(batch);
        } catch {}
      }
      const events = [...registry.events()];
      registry.close();
      const before = dumpTables(path);
      damageTables(path);
      expect(rebuildRegistry(path)).toBe(events.length);
      expect(dumpTables(path)).toEqual(before);
    }),
    { numRuns: 15 },
  );
});
