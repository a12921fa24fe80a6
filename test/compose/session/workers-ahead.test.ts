import { expect, test } from "vitest";
import { WorkersAhead } from "../../../src/compose/session/workers-ahead.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import type { WorkDescription } from "../../../src/core/fingerprint.ts";
import type { PlannedRun } from "../../../src/plan/plan.ts";

const KNOWN = { mode: "on", fresh: false, obstacles: [] } as unknown as WorkDescription;

function run(name: string, over: object = {}): PlannedRun {
  return { run: name, needs: [], work: KNOWN, task: { kind: "kedro", env: name }, ...over } as unknown as PlannedRun;
}

function watch(runs: PlannedRun[], ended: string[] = []) {
  const expected: (string | null)[] = [];
  const ahead = new WorkersAhead(({ env }) => expected.push(env));
  ahead.begin({ runs }, new Set(ended));
  const start = (name: string) => ahead.onEvent({ type: "run.started", run: name } as RunEvent);
  return { expected, start };
}

test("no worker is started for runs whose results may be known", () => {
  expect(watch([run("a"), run("b", { needs: ["a"] })]).expected).toEqual([]);
});

test.each<[string, object]>([
  ["that is never reused", { work: null }],
  ["that is to be executed afresh", { work: { ...KNOWN, fresh: true } }],
  ["that can't be compared", { work: { ...KNOWN, obstacles: ["it floats"] } }],
  ["that a replay executes", { work: KNOWN, replay: { action: "run" } }],
])("the worker of a run %s is started before its turn", (_, over) => {
  expect(watch([run("a", over)]).expected).toEqual(["a"]);
});

test.each<[string, object]>([
  ["of a command", { task: { kind: "command" }, work: null }],
  ["that may only be reused", { work: { ...KNOWN, mode: "only", fresh: true } }],
  ["that a replay links", { work: null, replay: { action: "link" } }],
])("a run %s has no worker to start", (_, over) => {
  expect(watch([run("a", over)]).expected).toEqual([]);
});

test("what a resumed session has done already needs no worker", () => {
  expect(watch([run("a", { work: null }), run("b", { work: null })], ["a"]).expected).toEqual(["b"]);
});

test("once a run is executed, the workers of all that wait for it are started, each once", () => {
  const runs = [
    run("a"),
    run("b", { needs: ["a"] }),
    run("c", { needs: ["b"] }),
    run("d", { needs: ["a", "c"] }),
    run("e"),
  ];
  const { expected, start } = watch(runs);
  start("a");
  expect(new Set(expected)).toEqual(new Set(["b", "c", "d"]));
  const before = expected.length;
  start("a");
  expect(expected).toHaveLength(before);
  start("e");
  expect(expected).toHaveLength(before);
});
