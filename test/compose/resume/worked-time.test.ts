import { expect, test } from "vitest";
import { measureWorked } from "../../../src/compose/resume/worked-time.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";

type Recorded = readonly [type: RunEvent["type"], second: number][];

/** Events of one session, each with the second at which it was recorded. */
const measure = (events: Recorded) =>
  measureWorked(
    events.map(([type, second]) => ({ type, time: new Date(second * 1000).toISOString() }) as unknown as RunEvent),
  ) / 1000;

test.each<[string, number, Recorded]>([
  [
    "one that ended",
    7,
    [
      ["session.started", 10],
      ["run.succeeded", 15],
      ["session.finished", 17],
    ],
  ],
  [
    "one that was killed: until the last thing that it recorded",
    5,
    [
      ["session.started", 10],
      ["run.started", 15],
    ],
  ],
  [
    "a failed one that is resumed an hour later, without that hour",
    10,
    [
      ["session.started", 0],
      ["session.finished", 7],
      ["session.resumed", 3600],
      ["run.succeeded", 3602],
      ["session.finished", 3603],
    ],
  ],
  [
    "one that was killed twice",
    6,
    [
      ["session.started", 0],
      ["run.started", 2],
      ["session.resumed", 100],
      ["run.started", 104],
      ["session.resumed", 900],
    ],
  ],
  [
    "one of which people said something later",
    3,
    [
      ["session.started", 0],
      ["session.finished", 3],
      ["run.tagged", 500],
    ],
  ],
  [
    "one whose clock was set back",
    0,
    [
      ["session.started", 100],
      ["run.started", 50],
    ],
  ],
  ["nothing", 0, []],
])("a session's time is the time worked on it: %s", (_, seconds, events) => {
  expect(measure(events)).toBe(seconds);
});
