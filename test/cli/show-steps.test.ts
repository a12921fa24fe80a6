import { expect, test } from "vitest";
import { showLine } from "../../src/cli/show-steps.ts";

function collect(isTTY: boolean, environment: NodeJS.ProcessEnv = {}): string[] {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
  showLine("waiting", stream, environment)();
  return written;
}

test("on a terminal the line is shown, then erased", () => {
  expect(collect(true)).toEqual(["waiting", "\r\u001b[K"]);
});

test.each([
  ["a pipe", false, {}],
  ["a dumb terminal", true, { TERM: "dumb" }],
])("nothing is written to %s", (_, isTTY, environment) => {
  expect(collect(isTTY, environment)).toEqual([]);
});
