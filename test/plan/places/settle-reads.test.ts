import fc from "fast-check";
import { expect, test } from "vitest";
import { freezePlainFiles } from "../../../src/compose/freeze/freeze-plain-files.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { KedroTask, ResolvedRun } from "../../../src/core/port/runner.ts";
import type { DatasetFacts } from "../../../src/core/project-facts.ts";
import type { Read } from "../../../src/core/read.ts";
import { createIdSource } from "../../../src/core/run-id.ts";
import { listPins } from "../../../src/resolve/list-pins.ts";
import { resolveRun } from "../../../src/resolve/resolve-run.ts";
import { describeSpec } from "../../../src/runners/kedro/attempt/spec.ts";
import { from, makeKedro, makeWorkflow } from "../../rig/make-definition.ts";
import { versionOf } from "../../rig/plans.ts";
import { expectPlan, makeSlice, planWith } from "../make-facts.ts";

const ids = createIdSource(systemClock);
const LATEST = "2026-01-01T00.00.00.000Z";
const versioned: Partial<DatasetFacts> = { versioned: true, latest_version: LATEST };

/** Places where a dataset can come from, each with the rule that it is read by. */
const SOURCES = ["consumed", "value", "frozen", "floating", "plain"] as const;
type Source = (typeof SOURCES)[number];

const source = fc.record({ source: fc.constantFrom<Source>(...SOURCES), isVersioned: fc.boolean() });
const world = fc.record({
  inputs: fc.array(source, { maxLength: 8 }),
  outputs: fc.array(fc.boolean(), { maxLength: 4 }),
});

/** Looks as if each file of the project were there, on remote storage, so that no disk is read. */
function placeFacts({ source, isVersioned }: { source: Source; isVersioned: boolean }, name: string) {
  if (source === "plain") {
    const path = `s3://bucket/${name}`;
    const content = { path, bytes: 3, hash: `s3:etag:${name}` };
    return { location: path, places: [{ path, suffix: null }], content };
  }
  return source === "frozen" || isVersioned ? versioned : {};
}

test("each dataset that a slice loads, or saves at a place, has exactly one read; pins and spec.json are those reads", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ inputs, outputs }) => {
      const reads = inputs.map((input, at): [string, typeof input] => [`in${at}`, input]);
      const saves = outputs.map((isVersioned, at) => [`out${at}`, isVersioned ? versioned : {}] as const);
      const named = (wanted: Source) => reads.flatMap(([name, input]) => (input.source === wanted ? [name] : []));
      const slice = makeSlice({
        inputs: reads.map(([name]) => name),
        outputs: saves.map(([name]) => name),
        datasets: Object.fromEntries([...reads.map(([name, input]) => [name, placeFacts(input, name)]), ...saves]),
      });
      const consumes = Object.fromEntries(named("consumed").map((name) => [name, from("prep", "table")]));
      const injects = Object.fromEntries(named("value").map((name) => [name, { kind: "value" as const, value: 1 }]));
      const runs = [makeKedro("prep", { outputs: ["table"] }), makeKedro("train", { consumes, injects })];
      const facts = { prep: makeSlice({ outputs: ["table"] }), train: slice };
      const plan = expectPlan(planWith(makeWorkflow(runs, { floating: named("floating") }), facts));
      const known = new Map(Object.entries(facts));
      const nowhere = new Proxy({} as never, { get: () => expect.unreachable("a disk was read") });
      const frozen = await freezePlainFiles(plan.runs, { facts: known, content: nowhere, stateFolder: "/state" });
      const train = frozen.find(({ run }) => run === "train");
      if (train === undefined) throw new Error("no train");

      const rules: [string, Read["rule"]][] = reads.map(([name, input]) => [name, input.source]);
      const own = saves.map(([name]): [string, Read["rule"]] => [name, "own"]);
      expect(Object.entries(train.reads).map(([name, { rule }]) => [name, rule])).toEqual(
        expect.arrayContaining([...rules, ...own]),
      );
      expect(Object.keys(train.reads)).toHaveLength(inputs.length + outputs.length);

      const prep = { run: "prep", run_id: ids.nextRunId(), outputs: { table: versionOf("v1") } };
      const about = { sessionId: ids.nextSessionId(), runId: ids.nextRunId(), attempt: 1, totalRuns: 2 };
      const resolved = resolveRun(train, { ...about, upstream: new Map([["prep", prep]]) });
      if (!resolved.ok) throw new Error("not resolved");
      const told = describeSpec(resolved.value as ResolvedRun & { task: KedroTask }, "/store").reads as object;
      const pins = listPins(resolved.value.reads);
      expect(pins.map(({ dataset }) => dataset)).toEqual(
        Object.keys(train.reads).filter((name) => !named("floating").includes(name)),
      );
      const decided = Object.entries(told).map(([dataset, { rule, version }]) => ({ dataset, rule, version }));
      expect(decided).toEqual(pins.map(({ dataset, rule, version }) => ({ dataset, rule, version })));
    }),
  );
});
