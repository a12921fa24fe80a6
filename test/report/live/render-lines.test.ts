import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { reduceProgress } from "../../../src/report/live/progress.ts";
import { createProgress } from "../../../src/report/live/progress-state.ts";
import { type LinesOptions, renderLines } from "../../../src/report/live/render-lines.ts";
import { displayWidth } from "../../../src/report/text/display-width.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";
import { eventsAt, START_MS } from "../make-events.ts";
import { randomEvents } from "../random-events.ts";

const make = eventsAt(0);
const HEADER = "3 running, 7 pending of 10";
const ten = make.declared(..."abcdefghij");

function render(events: RunEvent[], options: Partial<LinesOptions> = {}): string[] {
  const state = events.reduce(reduceProgress, createProgress());
  return renderLines(state, { columns: 80, rows: 24, nowMs: START_MS, color: false, remainingMs: null, ...options });
}

test("shows the session, each running run with its node, and what waits", () => {
  const events = [
    make.sessionStarted(),
    make.declared("prep", "train_a", "train_b", "report"),
    make.failed("prep"),
    eventsAt(9000).started("train_a"),
    eventsAt(9000).pipeline("train_a", 7),
    ...["load", "split", "scale"].map((node) => make.nodeFinished("train_a", node)),
    make.nodeStarted("train_a", "fit_model"),
    eventsAt(11_500).started("train_b"),
  ];
  expect(render(events, { nowMs: START_MS + 12_000, remainingMs: 40_000 })).toEqual([
    "1 done, 2 running, 1 pending of 4 · 1 failed · elapsed 0:12 · ETA 0:40",
    "  train_a  node 4 of 7 fit_model  0:03",
    "  train_b                         0:00",
  ]);
});

test.each<[string, RunEvent[], string]>([
  ["several nodes at once", [make.nodeStarted("a", "n1"), make.nodeStarted("a", "n2")], "node 2 of 7 n2 +1"],
  ["no node between two", [make.nodeFinished("a", "n1")], "node 1 of 7"],
  ["no node yet", [], "node 0 of 7"],
])("tells of %s", (_, nodes, text) => {
  const lines = render([ten, make.started("a"), make.pipeline("a", 7), ...nodes]);
  expect(lines[1]).toBe(`  a  ${text}  0:00`);
});

test.each([
  [4, [HEADER, "  a    0:00", "  b    0:00", "  c    0:00"]],
  [3, [HEADER, "  a    0:00", "  2 more running"]],
  [2, [HEADER, "  3 more running"]],
  [1, [HEADER]],
])("in %i rows, says of how many more it can't show", (rows, expected) => {
  expect(render([ten, make.started("a"), make.started("b"), make.started("c")], { rows })).toEqual(expected);
});

test("says that it starts as long as no run is known", () => {
  expect(render([])).toEqual(["starting"]);
});

test("colours only if asked to", () => {
  expect(render([ten], { color: true })[0]).toBe("\u001b[1m10 pending of 10\u001b[22m");
});

test("never exceeds the terminal and never holds a control byte, whatever runs and nodes are called", () => {
  const size = fc.record({ columns: fc.integer({ min: 1, max: 100 }), rows: fc.integer({ min: 1, max: 8 }) });
  const remaining = fc.option(fc.nat(10_000_000));
  fc.assert(
    fc.property(
      randomEvents(hostileText),
      size,
      remaining,
      fc.boolean(),
      (events, { columns, rows }, remainingMs, color) => {
        const lines = render(events, { columns, rows, remainingMs, color });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(color ? stripVTControlCharacters(line) : line).not.toMatch(CONTROL);
        }
      },
    ),
  );
});
