import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fillScript } from "../../../src/plan/expand/fill-script.ts";
import { keepVariables, type Scope } from "../../../src/plan/expand/substitute.ts";

const scopeOf = (value: string): Scope => ({ arm: { x: value }, environment: { T: "t" }, onMissing: () => {} });

test("a plain word stands in the script itself, anything else is a variable of the shell", () => {
  expect(fillScript("train ${matrix.x}", scopeOf("forest-1"), [])).toEqual({
    argv: ["train forest-1"],
    environment: {},
  });
  expect(fillScript("train '${matrix.x}' \"${matrix.x}\"", scopeOf("a b"), [])).toEqual({
    argv: ["train ''\"${RUNWEAVE_VALUE_0}\"'' \"${RUNWEAVE_VALUE_1}\""],
    environment: { RUNWEAVE_VALUE_0: "a b", RUNWEAVE_VALUE_1: "a b" },
  });
});

test("what comes from the environment is a variable in any case, by its name", () => {
  expect(fillScript("echo ${env:T}", keepVariables(scopeOf("")), [])).toEqual({
    argv: ["echo ${RUNWEAVE_VALUE_0}"],
    environment: { RUNWEAVE_VALUE_0: "${env:T}" },
  });
});

test("a quote in a comment, or behind a backslash, opens nothing", () => {
  const { argv } = fillScript("# don't\necho \\' ${matrix.x} # it's\necho '${matrix.x}'", scopeOf("a b"), []);
  expect(argv).toEqual(["# don't\necho \\' ${RUNWEAVE_VALUE_0} # it's\necho ''\"${RUNWEAVE_VALUE_1}\"''"]);
});

test("no value is parsed as a script, whatever quotes it stands in", () => {
  const nasty = fc.string({ unit: fc.constantFrom("$", "(", ")", "`", '"', "'", ";", " ", "\\", "a", "*", "\n", "#") });
  const quotes = fc.constantFrom('"${matrix.x}"', "'${matrix.x}'", "\"a'\"'${matrix.x}'", '\'a"\'"${matrix.x}"');
  fc.assert(
    fc.property(nasty, quotes, (value, word) => {
      const { argv, environment } = fillScript(`printf %s ${word}`, scopeOf(value), []);
      const printed = execFileSync("/bin/sh", ["-c", argv.join(" ")], { env: environment }).toString();
      expect(printed.endsWith(value)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a script is read once, however many values it has: each place would be looked for from the start else, for minutes", () => {
  const script = "echo '${matrix.x}'\n".repeat(20_000);
  const { argv, environment } = fillScript(script, scopeOf("a b"), []);
  expect(Object.keys(environment)).toHaveLength(20_000);
  expect(argv[0]?.endsWith("echo ''\"${RUNWEAVE_VALUE_19999}\"''\n")).toBe(true);
});
