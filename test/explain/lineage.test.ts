import { beforeEach, describe, expect, it } from "vitest";
import type { Registry } from "../../src/core/port/registry.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { type LineageEdge, traceLineage } from "../../src/explain/lineage.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { type AttemptRef, consumedPin, frozenPin, History, ownPin } from "../suites/history.ts";

/** As the history's versions are. */
const WRITTEN = { origin: "run", format: "pandas.CSVDataset" };

let registry: Registry;
let history: History;
let prep: AttemptRef;
let train: AttemptRef;
let report: AttemptRef;

/** prep -> train -> report, the last one in a session of its own; report also reads prep's table. */
beforeEach(() => {
  registry = createMemoryRegistry();
  history = new History((events) => registry.append(events));
  const session = history.startSession("churn");
  history.declare(session, "prep", "train");
  const frozen = frozenPin("raw", "2020-01-01T00.00.00.000Z");
  prep = history.complete(session, "prep", { pins: [frozen, ownPin("table", "x")], saves: ["table", "rows"] });
  train = history.complete(session, "train", { pins: [consumedPin("input", prep, "table")], saves: ["model"] });
  const later = history.startSession("reporting");
  history.declare(later, "report");
  report = history.complete(later, "report", { pins: [consumedPin("model", train), frozenPin("table", prep.run_id)] });
});

const reads = (edges: LineageEdge[]) =>
  edges.filter((edge) => edge.kind === "read").map((edge) => [edge.run_id, edge.dataset, edge.as]);
const writes = (edges: LineageEdge[]) =>
  edges.filter((edge) => edge.kind === "wrote").map((edge) => [edge.run_id, edge.dataset]);

describe("up", () => {
  it("leads to every run whose versions were read, through sessions, and to what was there before", () => {
    const lineage = traceLineage(registry, report.run_id, { direction: "up" });
    expect(lineage.runs.map((run) => run.run)).toEqual(["report", "train", "prep"]);
    expect(reads(lineage.edges)).toEqual([
      [report.run_id, "model", "model"],
      [report.run_id, "table", "table"],
      [train.run_id, "table", "input"],
      [prep.run_id, "raw", "raw"],
    ]);
    expect(writes(lineage.edges)).toEqual([
      [train.run_id, "model"],
      [prep.run_id, "table"],
    ]);
    expect(lineage.versions).toEqual([
      { dataset: "model", version: train.run_id, writer: train.run_id, ...WRITTEN },
      { dataset: "table", version: prep.run_id, writer: prep.run_id, ...WRITTEN },
      { dataset: "raw", version: "2020-01-01T00.00.00.000Z", writer: null, origin: "project", format: null },
    ]);
  });

  it("tells each run's session, workflow, status and time", () => {
    const [root] = traceLineage(registry, report.run_id, { direction: "up" }).runs;
    const record = registry.findRun(report.run_id);
    expect(root).toEqual({
      run_id: report.run_id,
      session_id: record?.session_id,
      workflow: "reporting",
      run: "report",
      attempt: 1,
      status: "success",
      start_time: record?.start_time,
      discarded: null,
    });
  });

  it("does not take the beginning of a run_id for that run", () => {
    const session = history.startSession();
    history.declare(session, "other");
    const kedroVersion = prep.run_id.slice(0, "2026-11-23T21.04.54.666Z".length);
    const other = history.complete(session, "other", { pins: [frozenPin("raw", kedroVersion)] });
    const { versions } = traceLineage(registry, other.run_id, { direction: "up" });
    const origin = { origin: "project", format: null };
    expect(versions).toEqual([{ dataset: "raw", version: kedroVersion, writer: null, ...origin }]);
  });

  it("leaves a version of an unknown run as one from before", () => {
    const session = history.startSession();
    history.declare(session, "other");
    const other = history.complete(session, "other", {
      pins: [frozenPin("raw", "2026-01-01T00.00.00.000Z-000000000abc")],
    });
    const { runs, versions } = traceLineage(registry, other.run_id, { direction: "up" });
    expect(runs).toHaveLength(1);
    expect(versions).toMatchObject([{ dataset: "raw", writer: null }]);
  });
});

describe("down", () => {
  it("leads to every run that was pinned to what was written, and shows what nobody reads", () => {
    const lineage = traceLineage(registry, prep.run_id, { direction: "down" });
    expect(lineage.runs.map((run) => run.run).sort()).toEqual(["prep", "report", "train"]);
    expect(writes(lineage.edges)).toEqual([
      [prep.run_id, "table"],
      [prep.run_id, "rows"],
      [train.run_id, "model"],
    ]);
    expect(reads(lineage.edges)).toHaveLength(3);
    expect(lineage.versions.map((version) => version.dataset)).toEqual(["table", "rows", "model"]);
  });

  it("ends at a run that wrote nothing", () => {
    const lineage = traceLineage(registry, report.run_id, { direction: "down" });
    expect(lineage).toMatchObject({ root: report.run_id, versions: [], edges: [] });
  });
});

it("both ways from the middle is what up and down find, each part once", () => {
  const both = traceLineage(registry, train.run_id, { direction: "both" });
  expect(both.runs.map((run) => run.run)).toEqual(["train", "prep", "report"]);
  expect(both.versions.map((version) => version.dataset)).toEqual(["table", "raw", "model"]);
  const up = traceLineage(registry, train.run_id, { direction: "up" });
  const down = traceLineage(registry, train.run_id, { direction: "down" });
  expect(both.edges).toEqual([...up.edges, ...down.edges]);
});

it("pins in a circle end", () => {
  const session = history.startSession();
  history.declare(session, "a", "b");
  const b = { session_id: session, run: "b", run_id: "2026-01-01T00.00.00.000Z-00000000000b" as RunId, attempt: 1 };
  const a = history.resolve(session, "a", { pins: [consumedPin("y", b)] });
  history.add({ type: "run.resolved", time: history.time, ...b, pins: [consumedPin("x", a)] });
  const { runs, edges } = traceLineage(registry, a.run_id, { direction: "both" });
  expect(runs.map((run) => run.run)).toEqual(["a", "b"]);
  expect(reads(edges)).toHaveLength(2);
});

it("a chain of 5,000 runs is followed to its end", () => {
  const session = history.startSession();
  const names = Array.from({ length: 5000 }, (_, index) => `r${index}`);
  history.declare(session, ...names);
  const chain: AttemptRef[] = [];
  for (const name of names) {
    const last = chain.at(-1);
    chain.push(history.resolve(session, name, { pins: last === undefined ? [] : [consumedPin("x", last)] }));
  }
  const [first, last] = [chain[0], chain.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no chain");
  expect(traceLineage(registry, last.run_id, { direction: "up" }).runs).toHaveLength(5000);
});

it("an unknown run is refused by its id", () => {
  expect(() => traceLineage(registry, "2026-x" as RunId, { direction: "up" })).toThrow(
    "the registry has no run 2026-x",
  );
});

describe("an attempt that took something over from an earlier one", () => {
  it("leads up to that and what it was made of, and its readers lead to it", () => {
    const session = history.startSession("long");
    history.declare(session, "train", "use");
    const raw = frozenPin("raw", "2020-01-01T00.00.00.000Z");
    const first = history.resolve(session, "train", { pins: [raw] });
    history.start(first);
    history.fail(first, "killed", { again: true });
    const second = history.resolve(session, "train", { attempt: 2, pins: [ownPin("table", "x")] });
    history.start(second);
    const taken = { dataset: "table", version: first.run_id, location: "/t", node: "load" };
    history.add({ type: "dataset.resumed", time: history.time, ...second, ...taken });
    history.succeed(second, "model");
    const use = history.complete(session, "use", {
      pins: [{ ...consumedPin("input", second, "table"), version: first.run_id, vouched_by: second.run_id }],
    });
    expect(registry.pinsOf([second.run_id])).toMatchObject([
      { dataset: "table", version: first.run_id, rule: "resumed" },
    ]);
    const up = traceLineage(registry, use.run_id, { direction: "up" });
    expect(up.runs.map(({ run_id }) => run_id)).toEqual([use.run_id, second.run_id, first.run_id]);
    expect(up.edges.map(({ kind, run_id }) => [kind, run_id])).toContainEqual(["resumed", second.run_id]);
    expect(reads(up.edges)).toEqual([
      [use.run_id, "table", "input"],
      [first.run_id, "raw", "raw"],
    ]);
    expect(registry.readersOf([first.run_id]).map(({ run_id }) => run_id)).toEqual([second.run_id]);
    const down = traceLineage(registry, first.run_id, { direction: "down" });
    expect(down.runs.map(({ run_id }) => run_id)).toContain(second.run_id);
  });
});
