import fc from "fast-check";
import { expect, test } from "vitest";
import { type Problem, problemAt, warningAt } from "../../../src/core/error/problem.ts";
import { renderProblems } from "../../../src/report/result/problems.ts";
import { cleanText } from "../../../src/report/text/clean-text.ts";
import { displayWidth } from "../../../src/report/text/display-width.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";

const plain = { color: false };
const at = (line: number, column: number, file = "churn.yaml") => ({ file, line, column });

test("each problem has its place, its code, the source that it is about, and what to do", () => {
  const unknown = problemAt(at(12, 23), "unknown-run", '"trian" is not a run', 'did you mean "train"?');
  const readLine = (file: string, line: number) =>
    file === "churn.yaml" && line === 12 ? "    consumes: { table: trian }" : null;
  expect(renderProblems([unknown], { color: false, readLine })).toEqual([
    'churn.yaml:12:23  error[unknown-run]  "trian" is not a run',
    "  12 |     consumes: { table: trian }",
    "     |                       ^",
    '  hint: did you mean "train"?',
    "1 error",
  ]);
});

test("problems stand in the order of the file, those without a place last", () => {
  const problems = [
    problemAt(null, "no-python", "no Python was found"),
    warningAt(at(3, 9), "late", "later"),
    problemAt(at(3, 1), "early", "earlier"),
    problemAt(at(9, 1, "a.yaml"), "other", "another file"),
  ];
  expect(renderProblems(problems, plain)).toEqual([
    "a.yaml:9:1  error[other]  another file",
    "churn.yaml:3:1  error[early]  earlier",
    "churn.yaml:3:9  warning[late]  later",
    "error[no-python]  no Python was found",
    "3 errors, 1 warning",
  ]);
});

test("on a terminal a message and a hint are folded between words", () => {
  const message = "the code has changed since the session ran, in four files of the project";
  const lines = renderProblems([problemAt(null, "code-changed", message, "restore them first")], {
    ...plain,
    columns: 60,
  });
  expect(lines).toEqual([
    "error[code-changed]  the code has changed since the session",
    "    ran, in four files of the project",
    "  hint: restore them first",
    "1 error",
  ]);
});

test("nothing is said of no problems", () => {
  expect(renderProblems([], plain)).toEqual([]);
});

test("a file that can't be read has no excerpt", () => {
  expect(renderProblems([problemAt(at(1, 1), "x", "y")], { color: false, readLine: () => null })).toHaveLength(2);
});

test.each([
  ["after tabs", "\t\tkey: value", 3],
  ["after wide letters", '名前: "値" oops', 9],
  ["at the start", "key: value", 1],
  ["past the end", "key:", 5],
  ["far out on a long line", `${"x".repeat(300)}: y${"z".repeat(300)}`, 303],
])("the caret stands below what is meant, %s", (_, source, column) => {
  const [, excerpt = "", caret = ""] = renderProblems([problemAt(at(7, column), "x", "y")], {
    color: false,
    readLine: () => source,
  });
  const before = caret.slice(0, caret.indexOf("^"));
  const meant = source.slice(column - 1, column);
  expect(excerpt.length).toBeLessThan(120);
  let shown = excerpt;
  while (displayWidth(shown) > displayWidth(before)) shown = shown.slice(0, -1);
  expect(displayWidth(shown)).toBe(displayWidth(before));
  expect(excerpt.slice(shown.length, shown.length + 1)).toBe(meant);
});

test("no control byte of a file or a message is shown, and the caret is below the line", () => {
  const problem = fc.record({
    message: hostileText,
    hint: hostileText,
    source: hostileText,
    column: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(problem, ({ message, hint, source, column }) => {
      const found: Problem = problemAt(at(1, column, hint), "x", message, hint);
      const lines = renderProblems([found], { color: false, readLine: () => source });
      for (const line of lines) expect(line).not.toMatch(CONTROL);
      expect(lines).toHaveLength(5);
      expect(lines[1]).toBe(cleanText(lines[1] ?? ""));
    }),
  );
});

test("colours only if asked to", () => {
  expect(renderProblems([problemAt(null, "x", "y")], { color: true })[0]).toContain("\u001b[31merror[x]\u001b[39m");
});
