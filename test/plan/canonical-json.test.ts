import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../src/core/run.ts";
import { formatCanonical, isSameJson } from "../../src/plan/canonical-json.ts";

test("keys are sorted at every depth and white space is left out", () => {
  expect(formatCanonical({ b: [1, { d: null, c: "x y" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x y","d":null}]}');
});

test("values are the same exactly if their canonical texts are", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [one, other] = [a as Json, b as Json];
      expect(isSameJson(one, other)).toBe(formatCanonical(one) === formatCanonical(other));
      expect(isSameJson(one, structuredClone(one))).toBe(true);
    }),
  );
});

test.each<[Json, Json, boolean]>([
  [1, "1", false],
  [null, "null", false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [[1, 2], [2, 1], false],
])("%j is the same as %j: %s", (a, b, same) => {
  expect(isSameJson(a, b)).toBe(same);
});
