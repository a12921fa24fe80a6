import fc from "fast-check";
import { expect, test } from "vitest";
import { createOutputFolder } from "../../../src/report/log/fold-output.ts";

const WIDTH = 40;
const LONG = "the quick brown fox jumps over the lazy dog and goes on";
const FOLDED = "the quick brown fox jumps over the lazy\n    dog and goes on";

function fold(...pieces: string[]): string {
  const folder = createOutputFolder(WIDTH);
  return pieces.map((piece) => folder.write(piece)).join("") + folder.end();
}

test.each([
  ["short lines stay", "one\ntwo\n", "one\ntwo\n"],
  ["long lines hang", `${LONG}\n`, `${FOLDED}\n`],
  ["below their own indentation", `  ${LONG}\n`, "  the quick brown fox jumps over the\n      lazy dog and goes on\n"],
  ["the last one too, without a line feed", LONG, FOLDED],
  ["a long word stays whole", `see /a/path/that/is/longer/than/the/terminal/is/wide\n`, null],
  ["colours take no room", `\x1b[32m${"ab ".repeat(12)}\x1b[0m\n`, `\x1b[32m${"ab ".repeat(12)}\x1b[0m\n`],
  ["lines with tabs stay", `${LONG}\t${LONG}\n`, `${LONG}\t${LONG}\n`],
])("%s", (_, text, expected) => {
  expect(fold(text)).toBe(expected ?? `see\n    ${text.slice(4)}`);
});

test("what was shown of a line before it ended is not folded any more; the next line is", () => {
  const folder = createOutputFolder(WIDTH);
  expect(folder.write("50 %")).toBe("");
  expect(folder.flush()).toBe("50 %");
  expect(folder.flush()).toBe("");
  expect(folder.write(`${LONG}\n${LONG}\n`)).toBe(`${LONG}\n${FOLDED}\n`);
});

test("whatever pieces the text comes in, the lines are the same, and no word is lost", () => {
  const text = fc.array(fc.constantFrom("a", "word", "   ", " ", "\n", "x".repeat(50), "é"), { maxLength: 60 });
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join("");
      expect(fold(...pieces)).toBe(fold(whole));
      expect(fold(whole).split(/\s+/).join(" ")).toBe(whole.split(/\s+/).join(" "));
    }),
  );
});
