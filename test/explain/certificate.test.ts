import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Registry } from "../../src/core/registry.ts";
import { certifyRun, type Finding } from "../../src/explain/certificate.ts";
import { checkLog } from "../../src/explain/check-log.ts";
import { createMemoryRegistry } from "../../src/record/memory-registry.ts";
import { openSqliteRegistry } from "../../src/record/sqlite-registry.ts";
import { changeRegistry } from "../rig/change-registry.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { type AttemptRef, consumedPin, History } from "../suites/history.ts";

/** A registry of two runs, changed by hand behind its back. */
function tamper(sql: string) {
  const path = join(makeTemporaryFolder(), "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep", "train");
  const prep = history.complete(session, "prep", { saves: ["table"] });
  const train = history.complete(session, "train", { pins: [consumedPin("table", prep)], saves: ["model"] });
  history.finishSession(session);
  registry.close();
  const database = new DatabaseSync(path);
  changeRegistry(database, sql);
  database.close();
  return { path, prep, train };
}

function withRegistry<T>(path: string, ask: (registry: Registry) => T): T {
  const registry = openSqliteRegistry(path, { readOnly: true });
  try {
    return ask(registry);
  } finally {
    registry.close();
  }
}

const brokenOf = (findings: readonly Finding[]) =>
  findings.filter(({ verdict }) => verdict === "broken").map(({ code, seq }) => [code, seq]);

function certify(path: string, { run_id }: AttemptRef) {
  return withRegistry(path, (registry) => {
    const record = registry.findRun(run_id);
    if (record?.run_id == null) throw new Error("no run");
    return certifyRun(registry, { ...record, run_id: record.run_id });
  });
}

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
    const { findings, events } = withRegistry(path, (registry) => checkLog(registry));
    expect(brokenOf(findings)).toEqual(expected);
    expect(events).toBeGreaterThan(2);
  });

  it("from before events had hashes is unknown, not broken, and not claimed to hold", () => {
    const { path } = tamper("UPDATE events SET hash = NULL; DELETE FROM chain_head");
    const report = withRegistry(path, (registry) => checkLog(registry));
    expect(report).toMatchObject({ events: 9, unsealed: 9, head: null });
    expect(report.findings).toMatchObject([{ verdict: "unknown", code: "not-sealed" }]);
    const registry = openSqliteRegistry(path);
    new History((events) => registry.append(events), 1000).startSession();
    registry.close();
    const later = withRegistry(path, (registry) => checkLog(registry));
    expect(later).toMatchObject({ events: 10, unsealed: 9, findings: [{ code: "not-sealed" }] });
  });

  it("contains a head that was noted earlier, and no other", () => {
    const { path } = tamper("SELECT 1");
    const { head } = withRegistry(path, (registry) => checkLog(registry));
    const registry = openSqliteRegistry(path);
    new History((events) => registry.append(events), 1000).startSession();
    registry.close();
    const check = (hash: string | null) => withRegistry(path, (registry) => checkLog(registry, hash));
    expect(check(head)).toMatchObject({ found: 9, findings: [] });
    expect(check("00")).toMatchObject({ found: null, findings: [{ verdict: "broken", code: "head-unknown" }] });
  });
});

describe("a run's certificate", () => {
  it("holds what it read and saved, and the events that say so", () => {
    const { path, prep, train } = tamper("SELECT 1");
    const { certificate, findings } = certify(path, train);
    expect(certificate).toMatchObject({
      run_id: train.run_id,
      inputs: [{ dataset: "table", version: prep.run_id, rule: "consumed", observed: false }],
      outputs: { model: { version: train.run_id, hash: "sha256:00" } },
      log: [
        { seq: 6, type: "run.resolved" },
        { seq: 8, type: "run.succeeded" },
      ],
    });
    expect(findings).toMatchObject([{ verdict: "unknown", code: "not-observed", dataset: "table" }]);
  });

  it.each([
    ["at the version that it is pinned to", "table", null, []],
    ["as another version than it is pinned to", "other", null, ["not-observed"]],
    ["with a version that is not the pinned one", "table", "x", ["not-observed"]],
  ])("counts what the attempt that was cut off had read %s", (_, read, version, codes) => {
    const registry = createMemoryRegistry();
    const history = new History((events) => registry.append(events));
    const session = history.startSession();
    history.declare(session, "prep", "train");
    const prep = history.complete(session, "prep", { saves: ["table"] });
    const pins = [consumedPin("table", prep)];
    const cutOff = history.resolve(session, "train", { pins });
    history.start(cutOff);
    const seen = { location: "/store", node: "first" };
    history.add({ type: "dataset.loaded", time: history.time, ...cutOff, ...seen, dataset: read, version });
    history.fail(cutOff, "killed", { again: true });
    const train = history.resolve(session, "train", { attempt: 2, pins });
    history.start(train);
    history.add({
      type: "dataset.resumed",
      time: history.time,
      ...train,
      ...seen,
      dataset: "half",
      version: cutOff.run_id,
    });
    history.succeed(train, "model");
    const record = registry.findRun(train.run_id);
    if (record === null) throw new Error("no run");
    const { findings } = certifyRun(registry, { ...record, run_id: train.run_id });
    expect(findings.filter(({ verdict }) => verdict === "unknown").map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ["an output's hash in the tables", "UPDATE versions SET hash = 'sha256:01'", "record-differs"],
    ["an output's row removed", "DELETE FROM versions", "record-differs"],
    ["a pin's version in the tables", "UPDATE pins SET version = 'x'", "record-differs"],
    ["its end removed from the log", "DELETE FROM events WHERE type = 'run.succeeded'", "log-missing"],
    [
      "its end changed in the log",
      "UPDATE events SET body = replace(body, 'sha256:00', 'sha256:01') WHERE seq = 8",
      "log-broken",
    ],
  ])("with %s is broken", (_, sql, code) => {
    const { path, train } = tamper(sql);
    expect(brokenOf(certify(path, train).findings).map(([found]) => found)).toContain(code);
  });

  it("tells a version that was read though another one was pinned", () => {
    const { path, prep, train } = tamper(
      "INSERT INTO loads (run_id, dataset, version, time) SELECT run_id, 'table', run_id, 'now' FROM attempts",
    );
    expect(certify(path, train).findings).toMatchObject([
      { verdict: "broken", code: "observed-differs", dataset: "table" },
    ]);
    expect(certify(path, prep).findings).toEqual([]);
  });
});
