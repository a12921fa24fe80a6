import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRegistry, type RegistryView } from "../../src/compose/open-registry.ts";
import { ExplainError } from "../../src/explain/explain-error.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { History } from "../suites/history.ts";

describe("the registry of earlier sessions, from a script", () => {
  const folder = makeSuiteFolder();
  let past: RegistryView;
  let ids: Record<"prep" | "train", string>;
  let [churn, other] = ["", ""];

  beforeAll(() => {
    const history = new History();
    const session = history.startSession("churn");
    history.declare(session, "prep", "train[seed=1]");
    const prep = history.complete(session, "prep", { saves: ["table"] });
    const train = history.complete(session, "train[seed=1]", { saves: ["model"] });
    history.finishSession(session);
    const time = history.time;
    history.add({ type: "alias.set", time, ...prep, alias: "champion", dataset: "table" });
    const by = { user: "ann", host: "vm-1", pid: 1 };
    history.add({ type: "version.tainted", time, ...train, dataset: "model", reason: "wrong units", by });
    [churn, other] = [session, history.startSession("other")];
    ids = { prep: prep.run_id, train: train.run_id };
    const registry = openSqliteRegistry(join(folder, "state/registry.sqlite"));
    registry.append(history.events);
    registry.close();
    past = openRegistry({ registry: join(folder, "state") });
  });
  afterAll(() => past.close());

  test("lists sessions and runs, newest first, and those that are asked for", () => {
    expect(past.sessions().map(({ session_id }) => session_id)).toEqual([other, churn]);
    expect(past.sessions({ workflow: "churn" }).map(({ session_id }) => session_id)).toEqual([churn]);
    expect(past.runs({ limit: 1 }).map(({ run_id }) => run_id)).toEqual([ids.train]);
    expect(past.runs({ status: "failed" })).toEqual([]);
  });

  test("finds what a name stands for as the command line does, and tells of which session it is", () => {
    const fallback = { session_id: churn, newest_session_id: other };
    expect(past.run("prep")).toMatchObject({ run_id: ids.prep, status: "success", fallback });
    expect(past.run("train[seed=1]", { session: churn })).toMatchObject({ run_id: ids.train, fallback: null });
    expect(past.version("table@prep")).toMatchObject({ run: "prep", version: ids.prep, location: expect.any(String) });
    expect(past.version("champion")).toMatchObject({ dataset: "table", run: "prep", version: ids.prep });
    expect(past.run("champion")).toMatchObject({ run_id: ids.prep, fallback: null });
    expect(past.session()).toMatchObject({ session_id: other, runs: [], fallback: null });
    expect(past.session("prep")).toMatchObject({ session_id: churn, fallback });
  });

  test("tells what aliases stand for, and what is bad", () => {
    expect(past.aliases()).toMatchObject([{ alias: "champion", dataset: "table", run_id: ids.prep }]);
    expect(past.taints()).toMatchObject([{ dataset: "model", run_id: ids.train, reason: "wrong units" }]);
  });

  test.each([
    ["a run", "unknown-run", () => past.run("prpe")],
    ["a session", "unknown-session", () => past.session("1999")],
    ["a version", "missing-output", () => past.version("tabel@prep")],
    ["a registry", "no-registry", () => openRegistry({ registry: join(folder, "nowhere") })],
  ])("says what is near where there is no such thing: %s", (_, code, ask) => {
    expect(ask).toThrow(ExplainError);
    expect(ask).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});
