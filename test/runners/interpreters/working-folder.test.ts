import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeFiles } from "../../rig/toy-project.ts";

const SOURCE = fileURLToPath(new URL("../../../src/runners/interpreters/", import.meta.url));

/** Evaluates an expression over a module that asks interpreters in a process that works in `cwd`. */
function evaluateIn(cwd: string, module: string, expression: string): void {
  const code = `import * as own from ${JSON.stringify(join(SOURCE, module))}; await (${expression});`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];
  execFileSync(process.execPath, args, { cwd, stdio: "pipe" });
}

test.each([
  ["read-environment.ts", `own.readEnvironment(${JSON.stringify(findTestPython())}, { PATH: process.env.PATH })`],
  [
    "find-python.ts",
    `own.findPython({ explicit: null, projectPath: "/", environment: { VIRTUAL_ENV: ${JSON.stringify(join(findTestPython(), "../.."))} } })`,
  ],
])("%s imports nothing from the working folder, which may be anybody's", (module, expression) => {
  const folder = makeTemporaryFolder();
  const trap = `open(${JSON.stringify(join(folder, "trapped"))}, "w")\n`;
  writeFiles(folder, {
    "platform.py": trap,
    "json.py": trap,
    "importlib/__init__.py": trap,
    "importlib/util.py": trap,
  });
  evaluateIn(folder, module, expression);
  expect(existsSync(join(folder, "trapped"))).toBe(false);
});
