import { expect, test } from "vitest";
import { RunPhases } from "../../../src/compose/session/run-phases.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { PhaseClock } from "../../../src/core/phase-clock.ts";
import { eventsAt } from "../../report/make-events.ts";

type Tell = (runs: RunPhases, events: ReturnType<typeof eventsAt>) => void;
const tell =
  (choose: (events: ReturnType<typeof eventsAt>) => RunEvent): Tell =>
  (runs, events) =>
    runs.onEvent(choose(events));

/** How many of 100 ms count for runs if each of these happens 10 ms after the one before. */
function countRuns(happenings: readonly Tell[]): number {
  let ms = 0;
  const phases = new PhaseClock(() => ms);
  const runs = new RunPhases(phases);
  for (const happen of happenings) {
    ms += 10;
    happen(runs, eventsAt(ms));
  }
  ms = 100;
  return phases.read().find(({ phase }) => phase === "runs")?.duration_ms ?? 0;
}

const startA = tell(({ started }) => started("a"));
const startB = tell(({ started }) => started("b"));
const nodeOfA = tell(({ nodeStarted }) => nodeStarted("a", "node"));

test.each<{ title: string; happenings: Tell[]; ms: number }>([
  { title: "none has started", happenings: [tell(({ resolved }) => resolved("a"))], ms: 0 },
  { title: "one succeeds", happenings: [startA, nodeOfA, tell(({ succeeded }) => succeeded("a"))], ms: 20 },
  {
    title: "two overlap",
    happenings: [startA, startB, tell(({ succeeded }) => succeeded("a")), tell(({ failed }) => failed("b"))],
    ms: 30,
  },
  {
    title: "one waits for its next attempt",
    happenings: [startA, tell(({ failed }) => failed("a", { retryInMs: 20 })), nodeOfA, startA],
    ms: 70,
  },
  { title: "one is cancelled", happenings: [startA, tell(({ cancelled }) => cancelled("a"))], ms: 10 },
  { title: "another process had started it", happenings: [(runs) => runs.begin("a"), startA], ms: 90 },
])("the time of runs, where $title", ({ happenings, ms }) => {
  expect(countRuns(happenings)).toBe(ms);
});
