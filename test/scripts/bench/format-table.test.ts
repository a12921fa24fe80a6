import { describe, expect, it } from "vitest";
import type { Benchmark } from "../../../scripts/bench/benchmark.ts";
import { formatTable } from "../../../scripts/bench/format-table.ts";
import { median } from "../../../scripts/bench/time-commands.ts";

const benchmark: Benchmark = { name: "chain", title: "A chain", measure: async () => [] };

describe("formatTable", () => {
  it("shows the ratio to the rival and whether the goal is met", () => {
    const rival = { name: "loop", medianMs: 40_000 };
    const table = formatTable(benchmark, [
      { what: "warm", measuredMs: 1_000, rival, goal: { atMostTimes: 1 / 20 }, note: "scaled" },
      { what: "help", measuredMs: 151, goal: { atMostMs: 150 } },
    ]);
    expect(table).toMatch(/warm +1000 ms +loop +40\.0 s +1\/40 +<= 1\/20 +met/);
    expect(table).toMatch(/help +151 ms +<= 150 ms +MISSED/);
    expect(table).toContain("note: scaled");
  });
});

describe("median", () => {
  it("is the middle, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 9])).toBe(3);
    expect(median([])).toBeNaN();
  });
});
