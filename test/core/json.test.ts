import fc from "fast-check";
import { expect, test } from "vitest";
import { isMapping, mapTexts } from "../../src/core/json.ts";
import type { Json } from "../../src/core/run.ts";

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  [undefined, false],
  ["a", false],
  [1, false],
])("%j is a mapping: %s", (value, expected) => {
  expect(isMapping(value)).toBe(expected);
});

test("each text of a JSON value is changed, and nothing else", () => {
  const value = { a: "x", b: ["y", 1, null, { c: "z", d: true }] };
  const changed = mapTexts(value, (text) => `${text}!`);
  expect(changed).toEqual({ a: "x!", b: ["y!", 1, null, { c: "z!", d: true }] });
  expect(value.a).toBe("x");
});

test("a change that changes no text gives an equal value, with keys of any name", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(mapTexts(value as Json, (text) => text))).toBe(JSON.stringify(value));
    }),
  );
});
