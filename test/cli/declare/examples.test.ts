import { expect, test } from "vitest";
import { formatExamples } from "../../../src/cli/declare/examples.ts";

test("meanings stand below each other, to the right of the longest line that has one", () => {
  expect(formatExamples(["tool a", "one"], ["tool bbbb", "two"], ["tool without a meaning"])).toBe(`
Examples:
  $ tool a      one
  $ tool bbbb   two
  $ tool without a meaning
`);
});

test("one is an example", () => {
  expect(formatExamples(["tool"])).toBe("\nExample:\n  $ tool\n");
});
