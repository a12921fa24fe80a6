import fc from "fast-check";
import { expect, test } from "vitest";
import { foldLine } from "../../src/report/fold-line.ts";
import { displayWidth } from "../../src/report/text/display-width.ts";

test.each<[what: string, line: string, folded: string[]]>([
  ["a line that fits", "├─ a <- b", ["├─ a <- b"]],
  [
    "a line of a list",
    "  * command     argv: [cp, here] -> [cp, there] and more words",
    ["  * command     argv: [cp, here] -> [cp,", "      there] and more words"],
  ],
  [
    "a branch that goes on",
    "│  ├─ table <- prep  success  run 0a1b2c3d  session 1",
    ["│  ├─ table <- prep  success", "│  │      run 0a1b2c3d  session 1"],
  ],
  [
    "the last branch",
    "│  └─ table <- prep  success  run 0a1b2c3d  session 1",
    ["│  └─ table <- prep  success", "│         run 0a1b2c3d  session 1"],
  ],
  [
    "a word that is too long",
    "saved at /a/path/that/is/longer/than/all/of/the/columns here",
    ["saved at", "    /a/path/that/is/longer/than/all/of/the/columns", "    here"],
  ],
  [
    "a branch that leaves no room",
    `${"│  ".repeat(12)}└─ ${"word ".repeat(9)}`,
    [`${"│  ".repeat(12)}└─ ${"word ".repeat(9)}`],
  ],
])("folds %s", (_, line, folded) => {
  expect(foldLine(line, 40)).toEqual(folded);
});

const word = fc.tuple(fc.stringMatching(/^[a-z0-9é界]{1,30}$/), fc.constantFrom(" ", "  "));
const lead = fc.constantFrom("", "  ", "├─ ", "│  └─ ", "   ");

test("no line is wider than the columns, and all words are there in their order", () => {
  fc.assert(
    fc.property(
      lead,
      fc.array(word, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 72, max: 140 }),
      (lead, words, columns) => {
        const folded = foldLine(`${lead}${words.flat().join("").trimEnd()}`, columns);
        expect(folded.filter((line) => displayWidth(line) > columns)).toEqual([]);
        const left = folded
          .join(" ")
          .replaceAll(/[│├└─]/gu, " ")
          .split(/ +/)
          .filter((each) => each !== "");
        expect(left).toEqual(words.map(([text]) => text));
      },
    ),
  );
});
