import fc from "fast-check";
import { expect, test } from "vitest";
import { describeParameters } from "../../../src/compose/reuse/describe-parameters.ts";
import type { JsonObject } from "../../../src/core/run.ts";
import { isSameJson } from "../../../src/plan/canonical-json.ts";

const text = (value: string) => value;

test("each leaf has a name, lists and empty mappings are leaves", () => {
  const params = { least: 0.5, model: { seed: 1, "a.b": "x", none: {} }, list: [{ a: 1 }] };
  expect(describeParameters(params, text)).toEqual({
    ...{ least: "0.5", "model.seed": "1", 'model."a.b"': '"x"', "model.none": "{}", list: '[{"a":1}]' },
  });
  expect(describeParameters({}, text)).toEqual({});
});

const key = fc.constantFrom("a", "b", "a.b", '"a"', "", "a b");
const { params } = fc.letrec<{ value: unknown; params: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(1, "1", null, true, [], {}), tie("params")),
  params: fc.dictionary(key, tie("value"), { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
}));

test("two objects have the same leaves only if they are equal", () => {
  fc.assert(
    fc.property(params, params, (one, other) => {
      const isSame = isSameJson(describeParameters(one, text), describeParameters(other, text));
      expect(isSame).toBe(isSameJson(one, other));
    }),
    { numRuns: 2_000 },
  );
});
