import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText, clipText } from "../../../src/report/text/clean-text.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";

test.each([
  ["an ordinary name", "train[seed=1]", "train[seed=1]"],
  ["a colour", "\u001b[31mred\u001b[0m", "red"],
  ["a window title", "\u001b]0;owned\u0007name", "name"],
  ["a one-byte control sequence", "a\u009b2Jb", "ab"],
  ["a lone escape", "a\u001b", "a"],
  ["a carriage return over the line", "good\rbad", "good bad"],
  ["line breaks and tabs", "a\r\n\tb", "a b"],
  ["a turned direction of writing", "a\u202eb", "ab"],
  ["hidden letters", "a\u200bb\ufeff", "ab"],
  ["half a pair of surrogates", "a\ud800b", "a\ufffdb"],
  ["a tower of marks", `e${"\u0301".repeat(50)}`, `e${"\u0301".repeat(3)}`],
])("%s is cleaned", (_, text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test("no clean text holds a control byte, and cleaning again changes nothing", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const clean = cleanText(text);
      expect(clean).not.toMatch(CONTROL);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test("a long message is cut, a short one is not", () => {
  expect(clipText("abcdef", 3)).toBe("abc…");
  expect(clipText("abc", 3)).toBe("abc");
});
