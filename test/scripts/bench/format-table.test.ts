import { describe, expect, it } from "vitest";
import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { formatTable, formatVerdict } from "../../../scripts/bench/format-table.ts";

const benchmark: Benchmark = { name: "chain", title: "A chain", measure: async () => [] };
const rows: BenchmarkRow[] = [
  {
    what: "warm",
    measured: 1_000,
    rival: { name: "loop", median: 40_000 },
    goal: { atMostTimes: 1 / 20 },
    note: "scaled",
  },
  { what: "help", measured: 151, goal: { atMost: 150 } },
  { what: "slow", measured: 30, rival: { name: "quick", median: 10 }, goal: { atMostTimes: 2 } },
  { what: "worker", measured: 29.96, unit: "MB", goal: { atMost: 30 } },
  { what: "aside", measured: 12 },
];

describe("formatTable", () => {
  const table = formatTable(benchmark, rows);

  it.each([
    ["the ratio to the rival", /^warm +1000 ms +loop +40\.0 s +1\/40 +<= 1\/20 +met$/m],
    ["a limit in milliseconds that is missed", /^help +151 ms +<= 150 ms +MISSED$/m],
    ["a multiple that is missed", /^slow +30\.0 ms +quick +10\.0 ms +3x +<= 2x +MISSED$/m],
    ["memory in megabytes", /^worker +30\.0 MB +<= 30\.0 MB +met$/m],
    ["a figure without a goal", /^aside +12\.0 ms$/m],
    ["the notes below", /\n {2}note: scaled$/],
  ])("shows %s", (_, line) => {
    expect(table).toMatch(line);
  });
});

describe("formatVerdict", () => {
  it("counts the goals and lists those that are missed", () => {
    expect(formatVerdict(rows)).toBe("2 of 4 goals met\n  MISSED: help\n  MISSED: slow, next to quick");
  });
});
