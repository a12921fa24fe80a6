import { expect, it } from "vitest";
import { drawFrom, drawHex } from "../../../src/hosts/simulated/chance.ts";

const take = (seed: string, name: string, count: number) => {
  const draw = drawFrom(seed, name);
  return Array.from({ length: count }, draw);
};

it("gives the same numbers for the same seed and name, and others for others", () => {
  expect(take("1", "a", 5)).toEqual(take("1", "a", 5));
  expect(take("1", "a", 5)).not.toEqual(take("1", "b", 5));
  expect(take("1", "a", 5)).not.toEqual(take("2", "a", 5));
});

it("spreads evenly from 0 to below 1, also over the first draw of many names", () => {
  const firsts = Array.from({ length: 10_000 }, (_, index) => take("1", `run ${index}`, 1)[0] ?? Number.NaN);
  for (const numbers of [take("1", "a", 10_000), firsts]) {
    const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10));
    expect([...tenths.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { length } of tenths.values()) expect(Math.abs(length - 1000)).toBeLessThan(150);
  }
});

it("draws hex digits", () => {
  expect(drawHex(drawFrom("1", "ids"), 8)).toMatch(/^[0-9a-f]{8}$/);
});
