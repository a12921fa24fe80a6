import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "../../../src/report/text/clean-text.ts";
import { displayWidth, truncateText } from "../../../src/report/text/display-width.ts";
import { hostileText } from "../hostile-text.ts";

test.each([
  ["", 0],
  ["train_a", 7],
  ["漢字", 4],
  ["e\u0301", 1],
  ["🚀", 2],
  ["ｱ", 1],
  ["Ａ", 2],
  ["한", 2],
  ["\u001b[31mred\u001b[0m", 3],
])("%j is %i columns wide", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ["train", 5, "train"],
  ["train", 4, "tra…"],
  ["train", 1, "…"],
  ["train", 0, ""],
  ["漢字", 3, "漢…"],
  ["漢字", 2, "…"],
])("%j in %i columns is %j", (text, width, cut) => {
  expect(truncateText(text, width)).toBe(cut);
});

test("no cut text is wider than asked for", () => {
  fc.assert(
    fc.property(hostileText, fc.nat(30), (text, width) => {
      expect(displayWidth(truncateText(cleanText(text), width))).toBeLessThanOrEqual(width);
    }),
  );
});
