import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import type { RunStatus } from "../../../src/core/run.ts";
import { getFrom, valuesOf } from "../../../src/report/live/persistent-map.ts";
import { reduceProgress } from "../../../src/report/live/progress.ts";
import { createProgress, type ProgressState } from "../../../src/report/live/progress-state.ts";
import { eventsAt } from "../make-events.ts";
import { randomEvents } from "../random-events.ts";

const make = eventsAt(0);

function reduceAll(...events: RunEvent[]): ProgressState {
  return events.reduce(reduceProgress, createProgress());
}

function countsOf(state: ProgressState): Partial<Record<RunStatus, number>> {
  return Object.fromEntries(Object.entries(state.counts).filter(([, count]) => count > 0));
}

const declared = make.declared("a", "b");
test.each<[string, RunEvent[], Partial<Record<RunStatus, number>>]>([
  ["declared runs wait", [declared], { pending: 2 }],
  ["a run declared twice counts once", [declared, declared], { pending: 2 }],
  ["a resolved run still waits", [declared, make.resolved("a")], { pending: 2 }],
  ["a started run is running", [declared, make.started("a")], { pending: 1, running: 1 }],
  ["a start told twice counts once", [declared, make.started("a"), make.started("a")], { pending: 1, running: 1 }],
  ["a run ends", [declared, make.started("a"), make.succeeded("a")], { pending: 1, success: 1 }],
  ["an end told twice counts once", [declared, make.succeeded("a"), make.succeeded("a")], { pending: 1, success: 1 }],
  [
    "a late start does not wake an ended run",
    [declared, make.failed("a"), make.started("a")],
    { pending: 1, failed: 1 },
  ],
  [
    "a late settling does not stop a run",
    [declared, make.started("a"), make.resolved("a")],
    { pending: 1, running: 1 },
  ],
  [
    "a run that is to be tried again has not failed",
    [declared, make.started("a"), make.failed("a", { retryInMs: 0 })],
    { pending: 2 },
  ],
  [
    "one that is given up has",
    [declared, make.failed("a", { retryInMs: 0 }), make.failed("a")],
    { pending: 1, failed: 1 },
  ],
  ["a retry is a failed run no more", [declared, make.failed("a"), make.resolved("a", 2)], { pending: 2 }],
  [
    "the end of an older attempt does not end the newer one",
    [declared, make.failed("a"), make.started("a", 2), make.succeeded("a")],
    { pending: 1, running: 1 },
  ],
  [
    "a newer attempt starts though nobody told of the older one's end",
    [declared, make.started("a"), make.started("a", 2)],
    { pending: 1, running: 1 },
  ],
  ["a run is skipped before it starts", [declared, make.skipped("b", "a")], { pending: 1, skipped: 1 }],
  ["a run is cancelled before it starts", [declared, make.cancelled("b")], { pending: 1, cancelled: 1 }],
  ["a run that nobody declared counts", [declared, make.started("c")], { pending: 2, running: 1 }],
  ["the session's end tells what was reused", [declared, make.finished({ a: "reused" })], { pending: 1, reused: 1 }],
])("%s", (_, events, counts) => {
  expect(countsOf(reduceAll(...events))).toEqual(counts);
});

test("a run's nodes are counted, and a failed one is not done", () => {
  const before = [declared, make.started("a"), make.pipeline("a", 3), make.nodeStarted("a", "n1")];
  const state = reduceAll(
    ...before,
    make.nodeStarted("a", "n2"),
    make.nodeFinished("a", "n1"),
    make.nodeStarted("a", "n3"),
    make.nodeFailed("a", "n3"),
  );
  expect(state.active.get("a")).toMatchObject({ totalNodes: 3, doneNodes: 1, nodesMs: 1000, nodes: ["n2"] });
});

test("nodes of an older attempt are not the newer one's", () => {
  const state = reduceAll(declared, make.failed("a"), make.started("a", 2), make.nodeFinished("a", "n1"));
  expect(state.active.get("a")).toMatchObject({ doneNodes: 0 });
});

test("runs keep their places in the order of declaration", () => {
  const state = reduceAll(declared, make.declared("c"), make.started("b"));
  expect(["a", "b", "c"].map((run) => getFrom(state.runs, run)?.position)).toEqual([1, 2, 3]);
});

test("only successes are remembered for the estimate, under the name that was declared", () => {
  const arms = ["train[s=1]", "train[s=2]", "train[s=3]"] as const;
  const state = reduceAll(
    make.declared(...arms),
    make.succeeded(arms[0], { duration_ms: 1000 }),
    make.succeeded(arms[1], { duration_ms: 3000 }),
    make.failed(arms[2]),
  );
  expect(getFrom(state.samples, "train")).toEqual({ count: 2, totalMs: 4000 });
});

test("any sequence of events leaves consistent counts", () => {
  const names = fc.constantFrom("a", "b", "c", "d[x=1]", "d[x=2]");
  fc.assert(
    fc.property(randomEvents(names), (events) => {
      const state = reduceAll(...events);
      const runs = [...valuesOf(state.runs)];
      expect(runs).toHaveLength(state.total);
      for (const [status, count] of Object.entries(state.counts)) {
        expect(runs.filter((run) => run.status === status)).toHaveLength(count);
      }
      const running = runs.filter((run) => run.status === "running").map((run) => run.run);
      expect([...state.active.keys()].sort()).toEqual(running.sort());
      expect(runs.map((run) => run.position).sort((left, right) => left - right)).toEqual(runs.map((_, at) => at + 1));
    }),
  );
});

test("no event changes the state before it", () => {
  fc.assert(
    fc.property(randomEvents(fc.constantFrom("a", "b")), randomEvents(fc.constantFrom("a", "b")), (first, second) => {
      const state = reduceAll(...first);
      const copy = structuredClone(state);
      second.reduce(reduceProgress, state);
      expect(state).toEqual(copy);
    }),
    { numRuns: 30 },
  );
});
