import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/run.ts";
import type { KeyPath } from "../../../src/define/definition.ts";
import {
  keepVariables,
  type Reference,
  type Scope,
  substituteJson,
  substituteText,
} from "../../../src/plan/expand/substitute.ts";

function makeScope(): Scope & { missing: [Reference, KeyPath][] } {
  const missing: [Reference, KeyPath][] = [];
  return {
    arm: { seed: 1, name: "a b", deep: { layers: [1, 2] }, none: null, tricky: "${env:USER}" },
    environment: { USER: "ann", EMPTY: "", UNSET: undefined },
    onMissing: (reference, path) => missing.push([reference, path]),
    missing,
  };
}

describe("substituteJson", () => {
  test.each<[Json, Json]>([
    ["${matrix.seed}", 1],
    ["${matrix.none}", null],
    ["${matrix.deep}", { layers: [1, 2] }],
    ["seed ${matrix.seed}", "seed 1"],
    ["${matrix.seed}${matrix.seed}", "11"],
    ["x ${matrix.deep} y ${matrix.none}", 'x {"layers":[1,2]} y null'],
    ["${env:USER}", "ann"],
    ["<${env:EMPTY}>", "<>"],
    [{ a: ["${matrix.seed}", 2, { b: "${matrix.name}" }] }, { a: [1, 2, { b: "a b" }] }],
    [{ "${matrix.seed}": true }, { "${matrix.seed}": true }],
    ["${inputs.model.path}", "${inputs.model.path}"],
    ["${globals:x} $matrix.seed {matrix.seed} $", "${globals:x} $matrix.seed {matrix.seed} $"],
    ["$${matrix.seed} $${env:USER} $$${matrix.seed}", "${matrix.seed} ${env:USER} $${matrix.seed}"],
    [
      [null, true, 1.5],
      [null, true, 1.5],
    ],
  ])("%j becomes %j", (value, expected) => {
    const scope = makeScope();
    expect(substituteJson(value, scope, [])).toEqual(expected);
    expect(scope.missing).toEqual([]);
  });

  test("what was filled in is not looked into again", () => {
    expect(substituteJson("${matrix.tricky}", makeScope(), [])).toBe("${env:USER}");
    expect(substituteJson("= ${matrix.tricky}", makeScope(), [])).toBe("= ${env:USER}");
  });

  test("what others fill in later keeps its escapes, and what was filled in gets some", () => {
    const kept = keepVariables(makeScope());
    expect(substituteJson("$${x} ${env:USER} ${matrix.tricky}", kept, [])).toBe("$${x} ${env:USER} $${env:USER}");
    expect(substituteJson(["${matrix.tricky}"], kept, [])).toEqual(["$${env:USER}"]);
  });

  test("an arm's value is copied, so that no run can change it for another", () => {
    const scope = makeScope();
    const copy = substituteJson("${matrix.deep}", scope, []);
    expect(copy).toEqual(scope.arm.deep);
    expect(copy).not.toBe(scope.arm.deep);
  });

  test("tells of everything missing, with its place, and of properties that every object has", () => {
    const scope = makeScope();
    substituteJson({ a: ["${matrix.sed}", "x ${env:UNSET} ${env:constructor}"] }, scope, ["params"]);
    expect(scope.missing).toEqual([
      [{ kind: "matrix", name: "sed" }, ["params", "a", 0]],
      [{ kind: "env", name: "UNSET" }, ["params", "a", 1]],
      [{ kind: "env", name: "constructor" }, ["params", "a", 1]],
    ]);
  });

  test("returns an equal deep copy of whatever holds no reference", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes("${"));
        const copy = substituteJson(value as Json, makeScope(), []);
        expect(copy).toEqual(value);
        if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });
});

test("substituteText makes text even of what stands alone", () => {
  expect(substituteText("${matrix.seed}", makeScope(), [])).toBe("1");
  expect(substituteText("plain", makeScope(), [])).toBe("plain");
});
