import { expect, it } from "vitest";
import { findCriticalPath, type RunSpan } from "../../../src/hosts/simulated/timeline.ts";
import { plannedRun } from "../../rig/plans.ts";

const span = (run: string, startMs: number | null, endMs: number): RunSpan => {
  const status = startMs === null ? "skipped" : "success";
  return { run, status, attempts: 1, startMs, endMs, busyMs: endMs - (startMs ?? endMs), reason: null };
};
const runs = [
  plannedRun("a"),
  plannedRun("b"),
  plannedRun("c", { needs: ["a", "b"] }),
  plannedRun("d", { needs: ["c"] }),
];

it.each([
  ["goes by the need that ended last", [span("a", 0, 5), span("b", 0, 7), span("c", 7, 9)], ["b", "c"]],
  [
    "goes by whoever had the place that a run waited for",
    [span("a", 0, 5), span("b", 5, 6), span("c", 6, 9)],
    ["a", "b", "c"],
  ],
  [
    "passes over what never started",
    [span("a", 0, 5), span("b", 0, 1), span("c", null, 5), span("d", 5, 6)],
    ["a", "d"],
  ],
  ["is one run long where nothing waits", [span("a", 0, 5), span("b", 0, 9)], ["b"]],
  ["ends where runs took no time", [span("a", 0, 0), span("b", 0, 0), span("c", 0, 0)], ["a"]],
  ["is empty where nothing started", [], []],
])("the critical path %s", (_, spans, path) => {
  expect(findCriticalPath(runs, spans)).toEqual(path);
});
