import { expect, test } from "vitest";
import { renderTimings } from "../../../src/report/result/timings.ts";

test("phases are told in words, with the sum of them last", () => {
  const phases = [
    { phase: "start", duration_ms: 131 },
    { phase: "worker", duration_ms: 2210 },
    { phase: "runs", duration_ms: 61_000 },
  ] as const;
  expect(renderTimings(phases, { columns: null, color: false })).toEqual([
    "PHASE                TIME",
    "start the program   131ms",
    "start workers        2.2s",
    "runs               1m 01s",
    "total              1m 03s",
  ]);
});
