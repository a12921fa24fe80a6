import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/run.ts";
import { type Arm, countProduct, formatArmName, listArms, parseArmName } from "../../../src/plan/expand/matrix.ts";
import { makeMatrix } from "../../rig/make-definition.ts";

describe("listArms", () => {
  test("crosses the axes in declaration order, the last one fastest", () => {
    expect(listArms(makeMatrix({ seed: [1, 2], model: ["linear", "forest"] }))).toEqual([
      { seed: 1, model: "linear" },
      { seed: 1, model: "forest" },
      { seed: 2, model: "linear" },
      { seed: 2, model: "forest" },
    ]);
  });

  test("drops every arm that has all values of an exclusion", () => {
    const matrix = makeMatrix(
      { seed: [1, 2], model: ["a", "b"] },
      { exclude: [{ seed: 1, model: "a" }, { model: "b" }] },
    );
    expect(listArms(matrix)).toEqual([{ seed: 2, model: "a" }]);
  });

  test("takes a number and its digits for two values", () => {
    expect(listArms(makeMatrix({ seed: [1] }, { exclude: [{ seed: "1" }] }))).toEqual([{ seed: 1 }]);
  });

  // The worked example of GitHub's documentation.
  test("includes as GitHub Actions does", () => {
    const include = [
      { color: "green" },
      { color: "pink", animal: "cat" },
      { fruit: "apple", shape: "circle" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ];
    expect(listArms(makeMatrix({ fruit: ["apple", "pear"], animal: ["cat", "dog"] }, { include }))).toEqual([
      { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
      { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
      { fruit: "pear", animal: "cat", color: "pink" },
      { fruit: "pear", animal: "dog", color: "green" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ]);
  });

  test("makes arms of includes alone, their keys in the order of the axes", () => {
    expect(listArms(makeMatrix({}, { include: [{ a: 1 }, { a: 2 }] }))).toEqual([{ a: 1 }, { a: 2 }]);
    const [arm] = listArms(makeMatrix({ x: [], y: [] }, { include: [{ z: 3, y: 2, x: 1 }] }));
    expect(Object.keys(arm ?? {})).toEqual(["x", "y", "z"]);
  });

  test("an include does not bring back what was excluded by being added to it", () => {
    const matrix = makeMatrix({ a: [1, 2] }, { exclude: [{ a: 1 }], include: [{ a: 1, b: 1 }] });
    expect(listArms(matrix)).toEqual([{ a: 2 }, { a: 1, b: 1 }]);
  });

  test("has product minus excluded plus included arms, all of them different", () => {
    const value = fc.integer({ min: 0, max: 9 });
    const axis = fc.uniqueArray(value, { minLength: 1, maxLength: 5 });
    const pair = fc.record({ a: value, b: value });
    const lists = fc.record({
      a: axis,
      b: axis,
      exclude: fc.array(pair),
      include: fc.uniqueArray(pair, { selector: (arm) => JSON.stringify(arm) }),
    });
    fc.assert(
      fc.property(lists, ({ a, b, exclude, include }) => {
        const text = (arm: Arm): string => `${arm.a},${arm.b}`;
        const dropped = new Set(exclude.map(text));
        const kept = new Set(a.flatMap((x) => b.map((y) => `${x},${y}`)).filter((arm) => !dropped.has(arm)));
        const added = include.filter((arm) => !kept.has(text(arm)));
        const names = listArms(makeMatrix({ a, b }, { exclude, include })).map((arm) => formatArmName("r", arm));
        expect(names).toHaveLength(kept.size + added.length);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});

test("countProduct multiplies the axes, and is 0 without any", () => {
  expect(countProduct(makeMatrix({ a: [1, 2], b: [1, 2, 3] }))).toBe(6);
  expect(countProduct(makeMatrix({}, { include: [{ a: 1 }] }))).toBe(0);
});

describe("formatArmName", () => {
  test.each<[Arm, string]>([
    [{ seed: 1, model: "linear" }, "train[seed=1,model=linear]"],
    [{ lr: 0.001, big: 1e21, deep: true, none: null }, "train[lr=0.001,big=1e+21,deep=true,none=null]"],
    [{ version: "v1.0+b-2_x" }, "train[version=v1.0+b-2_x]"],
    [{ text: "a b" }, 'train[text="a b"]'],
    [{ text: "" }, 'train[text=""]'],
    [{ text: "1,x=2]" }, 'train[text="1,x=2]"]'],
    [{ text: 'say "hi"\n' }, 'train[text="say \\"hi\\"\\n"]'],
    [{ options: { b: 1, a: [true] } }, 'train[options={"a":[true],"b":1}]'],
  ])("%j is %s", (arm, name) => {
    expect(formatArmName("train", arm)).toBe(name);
  });

  test("differs for different values, but for a plain word that reads like another value", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const one: Arm = { x: a as Json, y: b as Json };
        const other: Arm = { x: c as Json, y: d as Json };
        const sameName = formatArmName("r", one) === formatArmName("r", other);
        expect(sameName).toBe(String(JSON.stringify(one)) === JSON.stringify(other) || readsAlike(one, other));
      }),
    );
  });
});

function readsAlike(one: Arm, other: Arm): boolean {
  const word = (value: Json | undefined): string => {
    return typeof value === "string" && /^[\w.+-]+$/.test(value) ? value : JSON.stringify(value);
  };
  return word(one.x) === word(other.x) && word(one.y) === word(other.y);
}

describe("parseArmName", () => {
  test("gives what the name was made of, but for texts that look like another value", () => {
    const text = fc.string({ unit: fc.constantFrom(..."a=,]['\"\\é") });
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 }));
    fc.assert(
      fc.property(fc.dictionary(text, value as fc.Arbitrary<Json>, { minKeys: 1 }), (arm) => {
        expect(parseArmName(formatArmName("train", arm))).toEqual({ run: "train", arm });
      }),
    );
  });

  test.each<[string, Arm | null]>([
    ["a[month=2026.10,n=2026.1]", { month: "2026.10", n: 2026.1 }],
    ["a", null],
    ["a[b", null],
    ["a[b]", null],
    ["a[b=]", null],
  ])("of %s gives %j", (name, arm) => {
    expect(parseArmName(name)?.arm ?? null).toEqual(arm);
  });
});
