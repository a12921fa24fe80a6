import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { estimateRemainingMs } from "../../../src/report/live/estimate.ts";
import { reduceProgress } from "../../../src/report/live/progress.ts";
import { createProgress } from "../../../src/report/live/progress-state.ts";
import { eventsAt, START_MS } from "../make-events.ts";

const make = eventsAt(0);
const four = make.declared("a", "b", "c", "d");
const took10s = make.succeeded("a", { duration_ms: 10_000 });

test.each<[string, RunEvent[], number, number | null]>([
  ["nothing is said before anything ended", [four, make.started("a")], 1, null],
  ["nothing is said of a failure, which tells no duration", [four, make.failed("a")], 1, null],
  ["nothing is left to estimate", [make.declared("a"), took10s], 1, null],
  ["the rest takes as long as what ended", [four, took10s], 1, 30_000],
  ["parallel places share the rest", [four, took10s], 2, 15_000],
  ["no number of places is faster than one run", [four, took10s], 100, 10_000],
  ["a chain can't be shared", [make.chain("a", "b", "c", "d"), took10s], 4, 30_000],
  ["what a running run has done is not left", [four, took10s, eventsAt(-4000).started("b")], 1, 26_000],
  [
    "a run that takes longer than expected has nothing left",
    [four, took10s, eventsAt(-99_000).started("b")],
    1,
    20_000,
  ],
  [
    "nothing is said once all that is left takes longer",
    [make.declared("a", "b"), took10s, eventsAt(-99_000).started("b")],
    1,
    null,
  ],
  ["skipped runs take no time", [four, took10s, make.skipped("b", "x"), make.skipped("c", "x")], 1, 10_000],
  [
    "arms are measured by their own kind",
    [make.declared("a", "t[s=1]", "t[s=2]"), took10s, make.succeeded("t[s=1]", { duration_ms: 2000 })],
    1,
    2000,
  ],
  [
    "before a run ended, its nodes tell",
    [make.declared("a", "b"), eventsAt(-3000).started("a"), make.pipeline("a", 4), make.nodeFinished("a", "n1")],
    1,
    5000,
  ],
])("%s", (_, events, maxParallel, expected) => {
  const state = events.reduce(reduceProgress, createProgress());
  expect(estimateRemainingMs(state, { nowMs: START_MS, maxParallel })).toBe(expected);
});

test("a chain of 100,000 runs is estimated", () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `run_${at}`);
  const state = [make.chain(...names), make.succeeded("run_0", { duration_ms: 10 })].reduce(
    reduceProgress,
    createProgress(),
  );
  expect(estimateRemainingMs(state, { nowMs: START_MS, maxParallel: 4 })).toBe(999_990);
});
