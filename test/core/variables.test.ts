import { describe, expect, test } from "vitest";
import type { ExceptionRecord } from "../../src/core/run.ts";
import {
  fillVariables,
  fillVariablesOf,
  hideInException,
  hideVariables,
  listVariables,
  UnsetVariableError,
} from "../../src/core/variables.ts";

const environment = { TOKEN: "s3cret-token", LONGER: "s3cret-token-and-more", SHORT: "abc", HOME: "/home/ann" };

describe("variables", () => {
  test("are filled in wherever a text refers to them", () => {
    expect(fillVariables("a ${env:TOKEN} ${TOKEN} ${env:SHORT}", environment)).toBe("a s3cret-token ${TOKEN} abc");
    expect(fillVariablesOf({ a: ["${env:SHORT}", 1, null], "${env:SHORT}": true }, environment)).toEqual({
      a: ["abc", 1, null],
      "${env:SHORT}": true,
    });
  });

  test.each(["NONE", "constructor", "toString"])("that are not set are named: %s", (name) => {
    expect(() => fillVariables(`\${env:${name}}`, environment)).toThrow(UnsetVariableError);
    expect(() => fillVariables(`\${env:${name}}`, environment)).toThrow(name);
  });

  test("are listed once, from whatever refers to them", () => {
    const task = { argv: ["${env:A}", "x ${env:B}${env:A}"], environment: { V: "${env:C}" }, cwd: "/${D}" };
    expect(listVariables(task)).toEqual(["A", "B", "C"]);
  });

  test("are hidden in what is told of a failure, the longest first; those that everybody knows are not", () => {
    const hide = hideVariables(["TOKEN", "LONGER", "SHORT", "HOME", "NONE"], environment);
    expect(hide("s3cret-token-and-more, s3cret-token, abc, /home/ann")).toBe("[secret], [secret], abc, /home/ann");
    const cause: ExceptionRecord = { type: "E", message: "s3cret-token", node: null, traceback: null, cause: null };
    const told = hideInException({ ...cause, traceback: "at s3cret-token", cause }, hide);
    expect(told).toMatchObject({ message: "[secret]", traceback: "at [secret]", cause: { message: "[secret]" } });
  });
});
