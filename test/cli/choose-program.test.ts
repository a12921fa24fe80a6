import { expect, test } from "vitest";
import { chooseProgram } from "../../src/cli/choose-program.ts";

test.each([
  [["run", "churn.yaml"], "./whole-program.js"],
  [["plan"], "./whole-program.js"],
  [["--", "validate", "sessions.yaml"], "./whole-program.js"],
  [["run", "--help"], "./whole-program.js"],
  [["--help"], "./cli.js"],
  [["help", "run"], "./whole-program.js"],
  [["help", "show"], "./cli.js"],
  [["help"], "./cli.js"],
  [["completion", "bash"], "./whole-program.js"],
  [["sessions", "--workflow", "run"], "./cli.js"],
  [["nosuch"], "./cli.js"],
  [[], "./cli.js"],
] as const)("%j is in %s", (words, program) => {
  expect(chooseProgram(words)).toBe(program);
});
