import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countEdits, didYouMean, findNearest } from "../../../src/core/text/suggest.ts";

describe("findNearest", () => {
  test.each([
    ["pipline", ["pipeline", "pipelines", "params"], "pipeline"],
    ["tabel", ["table", "label"], "table"],
    ["is-async", ["is_async"], "is_async"],
    ["Train", ["train"], "train"],
    ["x", ["y", "z"], null],
    ["ab", ["xy"], null],
    ["completely", ["different"], null],
    ["train", ["train"], null],
    ["", ["a"], null],
  ])("%s among %j is %j", (word, candidates, nearest) => {
    expect(findNearest(word, candidates)).toBe(nearest);
  });

  test("prefers the nearer candidate to the earlier one", () => {
    expect(findNearest("metrics_forst", ["metrics_first_x", "metrics_forest"])).toBe("metrics_forest");
  });

  test("is asked as a question", () => {
    expect(didYouMean("prepp", ["train", "prep"])).toBe('did you mean "prep"?');
    expect(didYouMean("zzzz", ["train", "prep"])).toBeNull();
  });

  test("gives up on a hundred thousand candidates before it takes a second", () => {
    const candidates = Array.from({ length: 100_000 }, (_, index) => `run_${index}`);
    expect(findNearest("rnu_5", candidates)).toBe("run_5");
  });
});

describe("countEdits", () => {
  test.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["abc", "abcd", 1],
    ["kitten", "sitting", 3],
  ])("%s to %s takes %i", (a, b, edits) => {
    expect(countEdits(a, b)).toBe(edits);
  });

  test("is the same both ways, and no more than the longer word has letters", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(countEdits(a, b)).toBe(countEdits(b, a));
        expect(countEdits(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(countEdits(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
