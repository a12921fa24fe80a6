import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../../src/define/fields/duration.ts";

test.each([
  [90, 90_000],
  [1.5, 1500],
  ["90", 90_000],
  ["500ms", 500],
  ["30s", 30_000],
  ["30m", 1_800_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["1m500ms", 60_500],
])("%s is %i ms", (input, durationMs) => {
  expect(parseDuration(input)).toBe(durationMs);
});

test.each(
  [["", "h", "1", "30 m", "-5s", "1w", "m30", "1h30", "1e3s", Number.NaN, Number.POSITIVE_INFINITY]]
    .flat()
    .filter((input) => input !== "1"),
)("%s is none", (input) => {
  expect(parseDuration(input)).toBeNull();
});

test("units add up", () => {
  const amount = fc.integer({ min: 0, max: 59 });
  fc.assert(
    fc.property(amount, amount, amount, (hours, minutes, seconds) => {
      const text = `${hours}h${minutes}m${seconds}s`;
      expect(parseDuration(text)).toBe(((hours * 60 + minutes) * 60 + seconds) * 1000);
    }),
  );
});
