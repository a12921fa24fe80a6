import fc from "fast-check";
import { expect, it } from "vitest";
import { showWord } from "../../../src/compose/consent/show-word.ts";

it.each([
  ["train.py", "train.py"],
  ["two words", "'two words'"],
  ["it's", "'it'\\''s'"],
  ["größe", "'größe'"],
  ["true # no\nrm -rf /", '"true # no\\nrm -rf /"'],
  ["a\r\tb", '"a\\r\\tb"'],
  ["\u001b[2Khidden", '"\\u001b[2Khidden"'],
  ["gpj.\u202eexe", '"gpj.\\u202eexe"'],
  ["a\u00a0b", '"a\\u00a0b"'],
  ["zero\u200bwidth", '"zero\\u200bwidth"'],
  ["filler\u3164", '"filler\\u3164"'],
  ["tag\u{e0041}", '"tag\\udb40\\udc41"'],
  ["\ud800", '"\\ud800"'],
  ["", "''"],
])("%j is shown as %s", (text, shown) => {
  expect(showWord(text)).toBe(shown);
});

it("a word is on one line, without what is not seen, and no two texts are shown alike", () => {
  const text = fc.string({ unit: "binary", maxLength: 8 });
  fc.assert(
    fc.property(text, text, (one, two) => {
      expect(showWord(one)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{DI}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u);
      if (one !== two) expect(showWord(one)).not.toBe(showWord(two));
    }),
    { numRuns: 1000 },
  );
});
