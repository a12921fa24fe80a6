import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { verifyRecords } from "../../../src/compose/verify/verify-records.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { changeRegistry } from "../../rig/change-registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { consumedPin, History } from "../../suites/history.ts";

/** A registry of two runs, changed by hand behind its back. */
function tamper(sql: string) {
  const path = join(makeTemporaryFolder(), "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep", "train");
  const prep = history.complete(session, "prep", { saves: ["table"] });
  history.complete(session, "train", { pins: [consumedPin("table", prep)], saves: ["model"] });
  history.finishSession(session);
  registry.close();
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  changeRegistry(database, sql);
  database.close();
  return { path, session };
}

const check = (path: string, options: Partial<Parameters<typeof verifyRecords>[1]> = {}) =>
  verifyRecords(path, { session: null, expected: null, allowsUnsealed: false, ...options });

const ofLog = ({ findings }: ReturnType<typeof check>) =>
  findings.flatMap(({ code, seq }) => (code.startsWith("log-") && code !== "log-contradicts" ? [[code, seq]] : []));

const CUT = `DELETE FROM events WHERE seq = 9; UPDATE chain_head SET seq = 8, hash = (SELECT hash FROM events WHERE seq = 8)`;

describe("the whole log", () => {
  // 1 started, 2 declared, 3 to 5 prep, 6 to 8 train, 9 finished.
  it.each([
    ["nothing", "SELECT 1", []],
    [
      "the text of one event",
      "UPDATE events SET body = replace(body, '12.5', '12.6') WHERE seq = 5",
      [["log-broken", 5]],
    ],
    ["the time of one event", "UPDATE events SET time = '2027' WHERE seq = 4", [["log-broken", 4]]],
    ["one event removed", "DELETE FROM events WHERE seq = 5", [["log-broken", 6]]],
    ["the first event removed", "DELETE FROM events WHERE seq = 1", [["log-broken", 2]]],
    ["the last event removed", "DELETE FROM events WHERE seq = 9", [["log-cut", 8]]],
    ["the last events removed", "DELETE FROM events WHERE seq > 3", [["log-cut", 3]]],
    [
      "two events in each other's place",
      "UPDATE events SET seq = -1 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = -1",
      [
        ["log-broken", 4],
        ["log-broken", 5],
        ["log-broken", 6],
      ],
    ],
    [
      "an event added",
      "INSERT INTO events (seq, session_id, type, time, body) SELECT 10, session_id, type, time, body FROM events WHERE seq = 9",
      [
        ["log-broken", 10],
        ["log-cut", 10],
      ],
    ],
    [
      "a hash taken away",
      "UPDATE events SET hash = NULL WHERE seq = 3",
      [
        ["log-broken", 3],
        ["log-broken", 4],
      ],
    ],
  ])("with %s", (_, sql, expected) => {
    const { path } = tamper(sql);
    expect(ofLog(check(path))).toEqual(expected);
  });

  it.each([
    [
      "every hash taken away, with the head",
      "UPDATE events SET hash = NULL; DELETE FROM chain_head",
      ["log-cut", "not-sealed"],
    ],
    ["every hash taken away", "UPDATE events SET hash = NULL", ["log-cut", "not-sealed"]],
    ["no head", "DELETE FROM chain_head", ["log-cut"]],
    ["the last event gone, and the head set to the one before", CUT, ["record-differs"]],
    ["all events gone, and the head", "DELETE FROM events; DELETE FROM chain_head", ["record-differs"]],
  ])("with %s is broken", (_, sql, codes) => {
    const { path, session } = tamper(sql);
    for (const scope of [null, session])
      expect([...new Set(check(path, { session: scope }).findings.map(({ code }) => code))]).toEqual(codes);
  });

  it("from before events had hashes is broken, and unknown if that is allowed; what is logged later has a hash", () => {
    const { path } = tamper("UPDATE events SET hash = NULL; DELETE FROM chain_head");
    const allowed = { allowsUnsealed: true };
    expect(check(path, allowed)).toMatchObject({
      log: { events: 9, unsealed: 9, head: null },
      findings: [{ verdict: "unknown", code: "not-sealed" }],
    });
    const registry = openSqliteRegistry(path);
    new History((events) => registry.append(events), 1000).startSession();
    registry.close();
    expect(check(path, allowed)).toMatchObject({
      log: { events: 10, unsealed: 9 },
      findings: [{ verdict: "unknown" }],
    });
    expect(check(path)).toMatchObject({ findings: [{ verdict: "broken", code: "not-sealed" }] });
  });

  it("contains a head that was noted earlier, and no other", () => {
    const { path } = tamper("SELECT 1");
    const head = check(path).log?.head ?? null;
    const registry = openSqliteRegistry(path);
    new History((events) => registry.append(events), 1000).startSession();
    registry.close();
    expect(check(path, { expected: head })).toMatchObject({ log: { found: 9 }, findings: [] });
    expect(check(path, { expected: "00" })).toMatchObject({
      log: { found: null },
      findings: [{ verdict: "broken", code: "head-unknown" }],
    });
  });
});

describe("a row that is not as the log says", () => {
  it.each([
    ["a pin", "UPDATE pins SET version = 'x'", "the table pins, table: not as the log says: version"],
    [
      "a version that is gone",
      "DELETE FROM versions WHERE dataset = 'model'",
      "the table versions, model: a row is gone that the log tells of",
    ],
    ["a status", "UPDATE sessions SET status = 'failed'", "not as the log says: status"],
    [
      "a tag",
      "INSERT INTO tags (run_id, key, value, time) SELECT run_id, 'keep', 'y', 'now' FROM attempts LIMIT 1",
      "the table tags, keep: a row that the log does not tell of",
    ],
  ])("is told: %s", (_, sql, message) => {
    const { path, session } = tamper(sql);
    for (const scope of [null, session]) {
      const { findings } = check(path, { session: scope });
      expect(findings).toMatchObject([
        { verdict: "broken", code: "record-differs", message: expect.stringContaining(message) },
      ]);
    }
  });

  it("is named twenty times for each table, and counted then", () => {
    const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)";
    const { path } = tamper(
      `INSERT INTO notes (run_id, text, time) ${many} SELECT (SELECT run_id FROM attempts LIMIT 1), i, 'now' FROM n`,
    );
    const { findings } = check(path);
    expect(findings).toHaveLength(21);
    expect(findings.at(-1)?.message).toBe("30 more rows of notes are not as the log says");
  });
});
