import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTerminalFilter } from "../../../src/report/text/terminal-filter.ts";

const COLORS = new RegExp(`${"\u001b"}\\[[\\d;:]*m`, "g");
const UNSAFE = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;

function filter(pieces: readonly (string | Buffer)[], color = true): string {
  const { write, end } = createTerminalFilter({ color });
  return pieces.map((piece) => write(Buffer.from(piece as string))).join("") + end();
}

describe("on a terminal", () => {
  test.each([
    ["text, tabs and lines stay", "a\tb\nc", "a\tb\nc"],
    ["letters of all languages stay", "äöü 漢字 👩‍🔬\n", "äöü 漢字 👩‍🔬\n"],
    ["colours stay, and end at the end", "\x1b[31mred\n", "\x1b[31mred\n\x1b[0m"],
    ["the clipboard is not reached (OSC 52)", "a\x1b]52;c;ZXZpbA==\x07b", "ab"],
    ["titles are not set, by 8-bit controls neither", "a\u009d0;title\u009cb\x1b]0;t\x1b\\c", "abc"],
    ["the terminal is not reset", "a\x1bcb", "ab"],
    ["the cursor does not move, the screen is not cleared", "a\x1b[2J\x1b[1;1Hb\x1b[10Ac", "abc"],
    ["the direction of writing is not turned", "a\u202eb\u2066c", "abc"],
    ["a carriage return hides nothing", "evil\rgood\r\nnext", "evil\ngood\nnext"],
    ["bells and other controls are left out", "a\x07\x00\x7f\u0085b", "ab"],
    ["a string that nobody ends hides nothing of the next line", "\x1b]0;open\nnext", "]0;open\nnext"],
    ["nor does a sequence that is cut off", "a\x1b[12", "a[12"],
  ])("%s", (_, printed, shown) => {
    expect(filter([printed])).toBe(shown);
  });

  test("without colour, none stays", () => {
    expect(filter(["\x1b[1;31mred\x1b[0m\n"], false)).toBe("red\n");
  });

  test("however the output comes in pieces, it is the same, and has no control but line feeds, tabs and colours", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "\x1b[31m",
        "\x1b]52;c;eA==\x07",
        "\x1bc",
        "\u009b2J",
        "\r",
        "\r\n",
        "\n",
        "\t",
        "\u202e",
        "ä",
        "漢",
        "👩‍🔬",
      ),
      fc.constantFrom("\x1b", "\x1b[", "\x1b]", "\x1b]0;", "\\", "\x07", "\u0090", "\u009c"),
      fc.string({ maxLength: 5 }),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat({ max: 7 })), (parts, cuts) => {
        const bytes = Buffer.from(parts.join("").toWellFormed());
        const pieces: Buffer[] = [];
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const end = at + 1 + (cuts[n % Math.max(1, cuts.length)] ?? 3);
          pieces.push(bytes.subarray(at, end));
          at = end;
        }
        const shown = filter(pieces);
        expect(shown).toBe(filter([bytes]));
        expect(shown.replaceAll(COLORS, "")).not.toMatch(UNSAFE);
      }),
    );
  });
});
