import { describe, expect, test } from "vitest";
import { isHeadless, lacksSubject } from "../../../scripts/style/judge-comments.ts";
import { readComments } from "../../../scripts/style/read-comments.ts";

describe("comments of a file in TypeScript", () => {
  const text = [
    "/** Adds one",
    " *  to a number. */",
    "export function add(a: number): number {",
    "  // Numbers have no",
    "  // upper bound.",
    "  const url = `http://no.comment/${a /* Not less */}`;",
    "  // biome-ignore lint/style/x: a directive",
    '  return a + "// no comment".length;',
    "}",
    "// The last one.",
  ].join("\n");

  test("are told with their lines, joined over lines that follow each other; texts and directives are none", () => {
    expect(readComments("a.ts", text)).toEqual([
      { line: 1, text: "Adds one to a number." },
      { line: 4, text: "Numbers have no upper bound." },
      { line: 10, text: "The last one." },
    ]);
  });
});

test("docstrings of Python are comments too", () => {
  const text =
    '"""A module."""\n\n# A value\n# of two lines.\nX = 1\n\ndef f():\n    """Return it.\n\n    At once.\n    """\n    return "# none"  # noqa: X\n';
  expect(readComments("a.py", text)).toEqual([
    { line: 1, text: "A module." },
    { line: 3, text: "A value of two lines." },
    { line: 8, text: "Return it. At once." },
  ]);
});

test.each([
  ["Whether what it saved is there.", true],
  ["Of what is replaced: the attempt.", true],
  ["It may be gone.", true],
  ["True if the run has outputs.", false],
  ["Returns the version of a dataset.", false],
  ["Every problem of a workflow file.", false],
  ["`npm run check` is the gate.", false],
  ["200 files at most.", false],
])("%s: begins without a noun or a verb: %s", (text, expected) => {
  expect(isHeadless({ line: 1, text })).toBe(expected);
});

test.each([
  ["Nobody has it.", true],
  ["Another process, whoever started it, has the lease.", true],
  ["A process that is gone has no lease.", false],
])("%s: speaks of nobody: %s", (text, expected) => {
  expect(lacksSubject({ line: 1, text })).toBe(expected);
});
