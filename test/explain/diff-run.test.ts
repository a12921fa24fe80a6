import { describe, expect, it } from "vitest";
import type { FingerprintParts } from "../../src/core/fingerprint.ts";
import { diffRuns, PARTS, type RunSide } from "../../src/explain/diff-run.ts";
import { pairSessions, pairUpstream } from "../../src/explain/pair-runs.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { makeRecord, runIdOf } from "../report/make-events.ts";
import { consumedPin, frozenPin, History } from "../suites/history.ts";

const version = (hash: string, id = 1) => {
  const entry = { config: { type: "pandas.CSVDataset", filepath: `/store/${runIdOf(id)}/t.csv` }, versioned: false };
  return { version: runIdOf(id), location: `/store/${runIdOf(id)}/t.csv`, bytes: 3, hash, entry, plain_location: null };
};

function side(over: Partial<RunSide> = {}, fields: Parameters<typeof makeRecord>[1] = {}): RunSide {
  return {
    record: makeRecord("train", { run_id: runIdOf(1), outputs: { t: version("h1") }, duration_ms: 1000, ...fields }),
    session: { git_commit: "c1", git_dirty: false, origin: null },
    pins: [{ ...frozenPin("raw", "v1"), hash: "r1" }],
    fingerprint: null,
    spec: { argv: ["cp", `/store/${runIdOf(1)}/x`], runner: "SequentialRunner" },
    variables: { TOKEN: "0123456789abcdef" },
    environment: { python: "3.12", kedro: "1.7", platform: "linux", packages: { pandas: "2.2" } },
    tables: { t: { rows: 2, columns: { n: { type: "number", missing: 0, min: 1, max: 2, mean: 1.5 } } } },
    ...over,
  };
}

const keysOf = (b: RunSide) => diffRuns(side(), b).map(({ part, key }) => `${part} ${key}`);

describe("diffRuns", () => {
  it("finds nothing between two runs that differ in their ids alone", () => {
    const other = side(
      {
        spec: { argv: ["cp", `/store/${runIdOf(2)}/x`], runner: "SequentialRunner" },
        pins: [{ ...frozenPin("raw", "v2"), hash: "r1" }],
      },
      { run_id: runIdOf(2), outputs: { t: version("h1", 2) } },
    );
    expect(keysOf(other)).toEqual([]);
  });

  it.each([
    ["code commit", side({ session: { git_commit: "c2", git_dirty: false, origin: null } })],
    ["code changes", side({ session: { git_commit: "c1", git_dirty: true, origin: null } })],
    ["command argv", side({ spec: { argv: ["mv"], runner: "SequentialRunner" } })],
    ["command environment.LEVEL", side({ spec: { ...side().spec, environment: { LEVEL: "high" } } })],
    ["command ${env:TOKEN}", side({ variables: { TOKEN: "fedcba9876543210" } })],
    ["params a.b", side({}, { runtime_params: { a: { b: 1 } } })],
    ["env env", side({}, { env: "prod" })],
    ["env runner", side({ spec: { argv: ["cp", "/store/<run_id>/x"], runner: "ThreadRunner" } })],
    [
      "environment packages.pandas",
      side({ environment: { python: "3.12", kedro: "1.7", platform: "linux", packages: { pandas: "2.3" } } }),
    ],
    ["pins raw", side({ pins: [{ ...frozenPin("raw", "v1"), hash: "r2" }] })],
    ["outputs t.hash", side({}, { outputs: { t: version("h2") } })],
    [
      "outputs t.rows",
      side({ tables: { t: { rows: 3, columns: { n: { type: "number", missing: 0, min: 1, max: 2, mean: 1.5 } } } } }),
    ],
    [
      "outputs t.columns.n.mean",
      side({ tables: { t: { rows: 2, columns: { n: { type: "number", missing: 0, min: 1, max: 2, mean: 1 } } } } }),
    ],
    ["metrics r2", side({}, { metrics: { r2: 0.5 } })],
    ["durations run_ms", side({}, { duration_ms: 2000 })],
    ["status status", side({}, { status: "failed" })],
  ])("tells %s", (expected, other) => {
    expect(keysOf(other)).toEqual([expected]);
  });

  it("compares what both fingerprints know, and says nothing of what else is in the checkout", () => {
    const known = (parts: Partial<FingerprintParts> = {}): FingerprintParts => {
      const task = { nodes: "n", outputs: "t" };
      return { task, environment: {}, code: { "toy.nodes": "1" }, parameters: {}, catalog: {}, inputs: {}, ...parts };
    };
    const session = { git_commit: "c2", git_dirty: true, origin: null };
    const before = side({ fingerprint: known() });
    const tell = (other: RunSide) => diffRuns(before, other).map(({ part, key }) => `${part} ${key}`);
    expect(tell(side({ session, fingerprint: known() }))).toEqual([]);
    const edited = known({ code: { "toy.nodes": "2" }, parameters: { "split.share": "x" }, catalog: { raw: "y" } });
    const names = ["code toy.nodes", "params split.share", "pins raw", "catalog raw"];
    expect(tell(side({ session, fingerprint: edited, pins: [] }))).toEqual(names);
    // A value that the workflow gives is told as it is, and an entry by what of it differs.
    const given = side({ fingerprint: edited }, { runtime_params: { split: { share: 1 } } });
    expect(tell(given)).toEqual(["code toy.nodes", "params split.share", "catalog raw"]);
  });

  it("else takes another commit for a cause only after what is known of the run itself", () => {
    const other = side(
      { session: { git_commit: "c2", git_dirty: false, origin: null } },
      { runtime_params: { x: 1 }, outputs: { t: version("h2") } },
    );
    expect(keysOf(other)).toEqual(["params x", "code commit", "outputs t.hash"]);
  });

  it("tells a number of a table's only row as it is", () => {
    const row = (n: number) =>
      side({ tables: { t: { rows: 1, columns: { n: { type: "number", missing: 0, min: n, max: n, mean: n } } } } });
    expect(diffRuns(row(1), row(2))).toEqual([{ part: "outputs", key: "t.columns.n", a: 1, b: 2 }]);
  });

  it("lists causes before effects, and is quiet about durations of little difference", () => {
    const other = side(
      { pins: [] },
      { runtime_params: { x: 1 }, metrics: { r2: 1 }, duration_ms: 1099, outputs: { t: version("h2") } },
    );
    const parts = diffRuns(side(), other).map(({ part }) => part);
    expect(parts).toEqual(["params", "pins", "outputs", "metrics"]);
    expect(parts.map((part) => PARTS.indexOf(part))).toEqual(
      parts.map((part) => PARTS.indexOf(part)).sort((a, b) => a - b),
    );
  });
});

describe("pairs", () => {
  it("are upstream first, each once, and those that are the same run are left out", () => {
    const registry = createMemoryRegistry();
    const history = new History((events) => registry.append(events));
    const play = (shared: ReturnType<History["complete"]> | null) => {
      const session = history.startSession();
      history.declare(session, "raw", "prep", "train", "report");
      const raw = shared ?? history.complete(session, "raw", { saves: ["r"] });
      const prep = history.complete(session, "prep", { pins: [consumedPin("r", raw)], saves: ["t"] });
      const train = history.complete(session, "train", {
        pins: [consumedPin("t", prep), consumedPin("r", raw)],
        saves: ["m"],
      });
      const report = history.complete(session, "report", { pins: [consumedPin("m", train), consumedPin("t", prep)] });
      return { session, raw, prep, train, report };
    };
    const a = play(null);
    const [b, c] = [play(null), play(a.raw)];
    const named = new Map(
      Object.entries(b).flatMap(([name, ref]) => (typeof ref === "string" ? [] : [[ref.run_id, name]])),
    );
    const order = pairUpstream(registry, a.report.run_id, b.report.run_id).map((pair) => named.get(pair.b));
    expect(order).toEqual(["raw", "prep", "train", "report"]);
    expect(pairUpstream(registry, a.report.run_id, c.report.run_id)).toHaveLength(3);
    const [left, right] = [registry.findSession(a.session), registry.findSession(c.session)];
    if (left === null || right === null) throw new Error("no session");
    expect(pairSessions(left, right)).toMatchObject({ only_a: [], only_b: [], pairs: { length: 3 } });
  });
});
