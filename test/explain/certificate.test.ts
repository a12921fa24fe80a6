import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Registry } from "../../src/core/port/registry.ts";
import { certifyRun } from "../../src/explain/certificate.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
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

function certify(path: string, { run_id }: AttemptRef) {
  return withRegistry(path, (registry) => {
    const record = registry.findRun(run_id);
    if (record?.run_id == null) throw new Error("no run");
    return certifyRun(registry, { ...record, run_id: record.run_id });
  });
}

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
