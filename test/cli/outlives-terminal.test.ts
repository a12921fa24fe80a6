import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outlivesTerminal } from "../../src/cli/outlives-terminal.ts";

const MODULE = join(import.meta.dirname, "../../src/cli/outlives-terminal.ts");

test.each([
  ["/usr/bin/nohup", true],
  ["nohup", true],
  ["/usr/bin/node", false],
  ["/home/nohup/node", false],
  [undefined, false],
])("a shell that started %s", (program, isUnder) => {
  expect(outlivesTerminal({ _: program })).toBe(isUnder);
});

test.each([
  ["/dev/null", "w", true],
  ["/dev/null", "r", false],
  ["/dev/null", "r+", false],
  [MODULE, "r", false],
])("input from %s, opened for %s", (path, mode, isUnder) => {
  const input = openSync(path, mode);
  const code = `import { outlivesTerminal } from ${JSON.stringify(MODULE)}; console.log(outlivesTerminal({}));`;
  const stdio = [input, "pipe", "inherit"] as const;
  const shown = execFileSync(process.execPath, ["--input-type=module", "-e", code], { stdio: [...stdio] });
  closeSync(input);
  expect(shown.toString()).toBe(`${isUnder}\n`);
});
