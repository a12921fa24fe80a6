import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionId } from "../../../src/core/run-id.ts";
import { checkRecords, type RecordCheck } from "../../../src/record/replay/check-records.ts";
import { TABLE_KEYS } from "../../../src/record/rows.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { changeRegistry } from "../../rig/change-registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { recordFully } from "../../suites/full-history.ts";
import { History } from "../../suites/history.ts";
import { anyBatches } from "../random-events.ts";

const home = mkdtempSync(join(tmpdir(), "runweave-records-"));
const original = join(home, "registry.db");
let session: SessionId;

afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeAll(() => {
  const registry = openSqliteRegistry(original);
  const history = new History((events) => registry.append(events));
  recordFully(history);
  session = history.events[0]?.session_id as SessionId;
  // Another session reuses an attempt of the first one, and publishes what that saved.
  const other = history.startSession("other");
  history.declare(other, "prep");
  const run_id = registry.attemptsOf([{ session_id: session, run: "prep" }])[0]?.run_id;
  if (run_id === undefined) throw new Error("no attempt");
  const ref = { session_id: other, run: "prep", run_id };
  history.add({ type: "run.reused", time: history.time, ...ref, fingerprint: null, load_versions: {}, reason: "same" });
  history.add({ type: "dataset.published", time: history.time, ...ref, dataset: "table", location: "/other.csv" });
  history.finishSession(other);
  registry.close();
});

/** A copy of the registry, changed by hand behind its back. */
function tamper(sql: string): string {
  const path = join(makeTemporaryFolder(), "registry.db");
  copyFileSync(original, path);
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec("PRAGMA synchronous = OFF");
  changeRegistry(database, sql);
  database.close();
  return path;
}

function tell({ differences, contradiction }: RecordCheck): string[] {
  const told = differences.map(({ table, kind, columns }) => [kind, table, ...columns].join(" "));
  return contradiction === null ? told : [...told, `event ${contradiction.seq} contradicts`];
}

describe.each([["the whole registry"], ["one session"]])("%s", (scope) => {
  const check = (path: string) => tell(checkRecords(path, scope === "one session" ? session : null));

  it("is as its log says", () => {
    expect(check(original)).toEqual([]);
    expect(check(tamper("UPDATE sessions SET lease_until = '2030'"))).toEqual([]);
  });

  it("any cell of any table that is changed is found, and any row that is gone", () => {
    using database = new DatabaseSync(original, { readOnly: true });
    let cells = 0;
    for (const table of [...Object.keys(TABLE_KEYS), "run_counts"]) {
      const columns = database.prepare("SELECT name, type FROM pragma_table_info(?)").all(table);
      const key = table === "run_counts" ? "session_id, status" : "id";
      const first = `(${key}) = (SELECT ${key} FROM ${table} LIMIT 1)`;
      for (const { name, type } of columns as { name: string; type: string }[]) {
        if (["id", "lease_until", "mark"].includes(String(name))) continue;
        const value = type === "TEXT" ? `coalesce(${name}, '') || 'x'` : `coalesce(${name}, 0) + 1`;
        cells += 1;
        expect(check(tamper(`UPDATE ${table} SET ${name} = ${value} WHERE ${first}`)), `${table}.${name}`).not.toEqual(
          [],
        );
      }
      expect(check(tamper(`DELETE FROM ${table} WHERE ${first}`)), table).not.toEqual([]);
    }
    expect(cells).toBeGreaterThan(120);
  });

  it.each([
    [
      "a changed row, by its columns",
      "UPDATE attempts SET metrics = '{}' WHERE run = 'train'",
      ["changed attempts metrics"],
    ],
    ["a lost row", "DELETE FROM verdicts", ["missing verdicts"]],
    [
      "an added row",
      "INSERT INTO alias_moves (alias, dataset, run_id, time) SELECT 'champion', 'rows', run_id, time FROM alias_moves",
      ["added alias_moves"],
    ],
    [
      "an added version",
      "INSERT INTO versions (run_id, dataset, version, location) SELECT run_id, 'new', run_id, '/x' FROM attempts LIMIT 1",
      ["added versions"],
    ],
    [
      "rows in another order",
      "UPDATE versions SET id = -1 WHERE id = 1; UPDATE versions SET id = 1 WHERE id = 2; UPDATE versions SET id = 2 WHERE id = -1",
      ["order versions"],
    ],
    [
      "an event that can't follow",
      "UPDATE events SET body = replace(body, '\"attempt\":1', '\"attempt\":3') WHERE seq = 3",
      ["event 3 contradicts"],
    ],
    ["an event that can't be read", "UPDATE events SET body = '{' WHERE seq = 4", ["event 4 contradicts"]],
  ])("tells of %s", (_, sql, told) => {
    expect(check(tamper(sql))).toEqual(told);
  });
});

it("of one session, what is changed of another is left alone, and what other sessions published of it is explained", () => {
  const path = tamper("UPDATE sessions SET command_line = '[]' WHERE workflow = 'other'");
  expect(tell(checkRecords(path, session))).toEqual([]);
  expect(tell(checkRecords(path, null))).toEqual(["changed sessions command_line"]);
  const forged = tamper(
    "INSERT INTO publications (run_id, dataset, location, time) SELECT run_id, 'table', '/x', time FROM publications LIMIT 1",
  );
  expect(tell(checkRecords(forged, session))).toEqual(["added publications"]);
});

it("gives each link of the log, with its last event and its head, and nothing of a log that is empty", () => {
  const links: number[] = [];
  const { last, head } = checkRecords(original, null, ({ seq }) => links.push(seq));
  expect(links).toEqual(links.map((_, index) => index + 1));
  expect(last).toEqual({ seq: links.length, hash: head?.hash });
  const empty = join(makeTemporaryFolder(), "registry.db");
  openSqliteRegistry(empty).close();
  const nothing = { differences: [], contradiction: null, last: null, head: null, mark: null };
  expect(checkRecords(empty, null)).toEqual(nothing);
});

it("what others record meanwhile is no difference", () => {
  const path = tamper("SELECT 1");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events), 5000);
  let appended = 0;
  const checked = checkRecords(path, null, () => {
    if (appended++ === 5) history.startSession("meanwhile");
  });
  registry.close();
  expect(tell(checked)).toEqual([]);
});

it("the mark of a session's log is of the moment of its links, though others log meanwhile", () => {
  const path = join(makeTemporaryFolder(), "registry.db");
  const markLog = (before: string, hash: string) => `${before}${hash.slice(-4)} `;
  const registry = openSqliteRegistry(path, { markLog });
  const history = new History((events) => registry.append(events));
  const session = history.startSession("own");
  history.declare(session, "a");
  const hashes: string[] = [];
  const { mark } = checkRecords(path, session, ({ hash }) => {
    hashes.push(hash ?? "");
    if (hashes.length === 1) history.skip(session, "a", "meanwhile");
  });
  expect(hashes.length).toBeGreaterThan(1);
  expect(mark).toBe(hashes.reduce(markLog, ""));
  expect(checkRecords(path, session).mark).not.toBe(mark);
  registry.close();
});

it("random histories are as their logs say, whole and session by session", () => {
  const folder = makeTemporaryFolder();
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
      const sessions = registry.listSessions().map(({ session_id }) => session_id);
      registry.close();
      for (const scope of [null, ...sessions]) expect(tell(checkRecords(path, scope))).toEqual([]);
    }),
    { numRuns: 15 },
  );
});
