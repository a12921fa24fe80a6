import fc from "fast-check";
import { expect, test } from "vitest";
import { findGrowth } from "../../../scripts/bench/sample-session.ts";

test("growth is what lies between the second tenth of the samples and the last", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 50 + index);
  expect(findGrowth(samples)).toBe(80);
});

test("a process that warms up in the first tenth and then stays as it is does not grow, whatever one look saw", () => {
  const warmUp = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(warmUp, fc.integer({ min: 10, max: 99 }), (first, outlier) => {
      const samples = [...first, ...Array<number>(90).fill(100)].with(outlier, 1_000);
      expect(findGrowth(samples)).toBe(0);
    }),
  );
});
