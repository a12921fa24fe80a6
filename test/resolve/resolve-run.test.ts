import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/port/clock.ts";
import { listVersions } from "../../src/core/read-version.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { listPins } from "../../src/resolve/list-pins.ts";
import { resolveRun, type UpstreamAttempt } from "../../src/resolve/resolve-run.ts";
import { plannedRun, versionOf } from "../rig/plans.ts";

const ids = createIdSource(systemClock);
const sessionId = ids.nextSessionId();
const own = ids.nextRunId();

function attemptOf(run: string, datasets: string[]): UpstreamAttempt {
  const run_id = ids.nextRunId();
  return { run, run_id, outputs: Object.fromEntries(datasets.map((name) => [name, versionOf(run_id)])) };
}

function resolve(planned: PlannedRun, upstream: UpstreamAttempt[] = []) {
  const byRun = new Map(upstream.map((attempt) => [attempt.run, attempt]));
  return resolveRun(planned, { sessionId, runId: own, attempt: 1, totalRuns: 2, upstream: byRun });
}

describe("resolveRun", () => {
  it("pins what is consumed to upstream's run_id, under the name that the consumer uses", () => {
    const prep = attemptOf("prep", ["table"]);
    const planned = plannedRun("train", { consumes: { input: { run: "prep", dataset: "table", as: "upstream" } } });
    const resolution = resolve(planned, [prep]);
    if (!resolution.ok) throw new Error("not resolved");
    expect(listVersions(resolution.value)).toEqual({ input: prep.run_id });
    expect(listPins(resolution.value.reads)).toMatchObject([
      { dataset: "input", rule: "consumed", from_run: "prep", from_dataset: "table" },
    ]);
  });

  it.each([
    [false, `consumes table from prep, which saved it in session ${sessionId}`],
    [true, `consumes table from prep, whose earlier result session ${sessionId} reused`],
  ])("names the session, as later ones may reuse the run: %j, %s", (reused, reason) => {
    const planned = plannedRun("train", { consumes: { input: { run: "prep", dataset: "table", as: "upstream" } } });
    const resolution = resolve(planned, [{ ...attemptOf("prep", ["table"]), reused }]);
    if (!resolution.ok) throw new Error("not resolved");
    expect(listPins(resolution.value.reads)).toMatchObject([{ reason }]);
  });

  it("pins what comes from outside the session to what planning saw, with the rule that chose it", () => {
    const version = versionOf("file-00", { location: "/w/raw.csv" });
    const part = { source: "the file raw.csv", reason: "as it was", frozen: { modifiedMs: 7 } };
    const planned = plannedRun("train", {
      injects: {
        raw: { rule: "file", from_run: null, from_dataset: "/w/raw.csv", as: "downstream", version, ...part },
        limit: { rule: "value", version: "value-00", value: [0.5], source: "the value [0.5]", reason: "given" },
      },
      writes: ["limit"],
    });
    const resolution = resolve(planned);
    if (!resolution.ok) throw new Error("not resolved");
    expect(listVersions(resolution.value)).toEqual({ raw: "file-00", limit: "value-00" });
    expect(listPins(resolution.value.reads)).toEqual([
      {
        dataset: "raw",
        version: "file-00",
        rule: "file",
        from_run: null,
        from_dataset: "/w/raw.csv",
        reason: "as it was",
      },
      { dataset: "limit", version: "value-00", rule: "value", from_run: null, from_dataset: null, reason: "given" },
    ]);
    expect(resolution.value.reads).toEqual(planned.reads);
  });

  it("pins the run's own writes to its own run_id, and the rest to what planning saw", () => {
    const resolution = resolve(
      plannedRun("train", { writes: ["model"], frozen: { reference: "2024-01-01T00.00.00.000Z" } }),
    );
    if (!resolution.ok) throw new Error("not resolved");
    expect(listVersions(resolution.value)).toEqual({ model: own, reference: "2024-01-01T00.00.00.000Z" });
    expect(listPins(resolution.value.reads).map(({ rule }) => rule)).toEqual(["own", "frozen"]);
  });

  it.each([
    ["table", ["table@pandas"]],
    ["table@spark", ["table"]],
    ["table@spark", ["table@pandas"]],
  ])("finds %s among transcoded siblings %j", (dataset, saved) => {
    const prep = attemptOf("prep", saved);
    const resolution = resolve(
      plannedRun("train", { consumes: { [dataset]: { run: "prep", dataset, as: "upstream" } } }),
      [prep],
    );
    expect(resolution.ok && listVersions(resolution.value)).toEqual({ [dataset]: prep.run_id });
  });

  it("refuses to consume from a run that has not succeeded", () => {
    const resolution = resolve(
      plannedRun("train", { consumes: { table: { run: "prep", dataset: "table", as: "upstream" } } }),
    );
    expect(resolution).toMatchObject({ ok: false, problems: [{ code: "not-succeeded" }] });
  });

  it("names every dataset that upstream did not save, and what it saved", () => {
    const planned = plannedRun("train", {
      consumes: {
        a: { run: "prep", dataset: "a", as: "upstream" },
        b: { run: "prep", dataset: "toString", as: "upstream" },
      },
    });
    const resolution = resolve(planned, [attemptOf("prep", ["table"])]);
    expect(resolution).toMatchObject({
      ok: false,
      problems: [{ code: "missing-output", hint: "it saved: table" }, { code: "missing-output" }],
    });
  });

  it("leaves no dataset of the run without a pin, and no pin without a version", () => {
    const name = fc.constantFrom("a", "b", "c", "d@x", "e.f");
    const world = fc.record({
      consumed: fc.uniqueArray(name),
      writes: fc.uniqueArray(name),
      frozen: fc.uniqueArray(name),
    });
    fc.assert(
      fc.property(world, ({ consumed, writes, frozen }) => {
        const rest = frozen.filter((dataset) => !consumed.includes(dataset) && !writes.includes(dataset));
        const planned = plannedRun("train", {
          consumes: Object.fromEntries(
            consumed.map((dataset) => [dataset, { run: "prep", dataset, as: "upstream" as const }]),
          ),
          writes,
          frozen: Object.fromEntries(rest.map((dataset) => [dataset, "v0"])),
        });
        const prep = attemptOf("prep", consumed);
        const resolution = resolve(planned, [prep]);
        if (!resolution.ok) throw new Error("not resolved");
        const load_versions = listVersions(resolution.value);
        expect(Object.keys(load_versions).sort()).toEqual([...new Set([...consumed, ...writes, ...rest])].sort());
        for (const dataset of consumed) expect(load_versions[dataset]).toBe(prep.run_id);
      }),
    );
  });
});
