import { expect, it } from "vitest";
import { spread } from "./spread.ts";

it.each([1, 2, 6, 96, 214, 7918, 7919])("goes through %i places, and begins all over them", (count) => {
  const all = Array.from({ length: count }, (_, seed) => spread(seed, count));
  expect(new Set(all).size).toBe(count);
  const quarters = new Set(all.slice(0, 16).map((place) => Math.floor((4 * place) / count)));
  expect(quarters.size).toBe(Math.min(4, count));
});
