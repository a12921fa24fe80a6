import { describe, expect, test } from "vitest";
import {
  escapeReferences,
  fillVariables,
  fillVariablesOf,
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

  test("are literal behind `$${`, which stands for `${`", () => {
    expect(fillVariables("$${env:TOKEN} $$${env:TOKEN} ${env:SHORT}", environment)).toBe(
      "${env:TOKEN} $${env:TOKEN} abc",
    );
    expect(listVariables(["$${env:A}", "${env:B}"])).toEqual(["B"]);
    expect(fillVariables(escapeReferences("$${env:TOKEN} ${x} $$"), environment)).toBe("$${env:TOKEN} ${x} $$");
  });

  test.each(["NONE", "constructor", "toString"])("that are not set are named: %s", (name) => {
    expect(() => fillVariables(`\${env:${name}}`, environment)).toThrow(UnsetVariableError);
    expect(() => fillVariables(`\${env:${name}}`, environment)).toThrow(name);
  });

  test("are listed once, from whatever refers to them", () => {
    const task = { argv: ["${env:A}", "x ${env:B}${env:A}"], environment: { V: "${env:C}" }, cwd: "/${D}" };
    expect(listVariables(task)).toEqual(["A", "B", "C"]);
  });

  test("are hidden in what is told of a failure; so are secrets by name, and those that everybody knows are not", () => {
    const hide = hideVariables(["TOKEN", "LONGER", "SHORT", "HOME", "NONE"], {
      ...environment,
      PGPASSWORD: "pg-pass-1",
      PWD: "/home/ann",
      DATABASE: "postgresql://ann:pa55word@host/db",
    });
    const told = "s3cret-token-and-more, abc, /home/ann, pg-pass-1, pa55word";
    expect(hide(told)).toBe("[secret], abc, /home/ann, [secret], [secret]");
  });
});
