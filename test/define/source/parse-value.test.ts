import { expect, it } from "vitest";
import { parseValue } from "../../../src/define/source/parse-value.ts";

it.each<[string, unknown]>([
  ["7", 7],
  ["0.1", 0.1],
  ['"7"', "7"],
  ["true", true],
  ["yes", "yes"],
  ["prod", "prod"],
  ["", null],
  ["null", null],
  ["[1, a]", [1, "a"]],
  ["{ a: 1 }", { a: 1 }],
  ["a=b", "a=b"],
])("%s is %o", (text, value) => {
  expect(parseValue(text)).toMatchObject({ ok: true, value });
});

it.each([
  ["[1", "invalid-yaml"],
  ["{ __proto__: 1 }", "reserved-key"],
])("%s is refused", (text, code) => {
  const parsed = parseValue(text);
  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ code, location: null }]);
});
