import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import type { Checked } from "../../src/core/error/problem.ts";
import { describeProblems } from "./read-text.ts";

const folder = mkdtempSync(join(tmpdir(), "runweave-module-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CHILD = fileURLToPath(new URL("load-child.ts", import.meta.url));
const ENTRY = new URL("../../src/define/define-workflow.ts", import.meta.url).href;

async function load(name: string, text: string, entry: string[] = [ENTRY]): Promise<Checked<{ runs: unknown[] }>> {
  writeFileSync(join(folder, name), text);
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, join(folder, name), ...entry]);
  return JSON.parse(stdout);
}

const RUNS = '{ runs: { a: { command: ["ls"] } } }';

describe("a module outside the package", () => {
  test.each([
    [
      "flow.ts",
      `import { defineWorkflow, type Workflow } from "runweave";\nconst flow: Workflow = ${RUNS};\nexport default defineWorkflow(flow);\n`,
    ],
    ["flow.mts", `import { defineWorkflow } from "runweave";\nexport default defineWorkflow(${RUNS});\n`],
    ["flow.js", `import { defineWorkflow } from "runweave";\nexport default defineWorkflow(${RUNS});\n`],
    ["promise.mjs", `export default Promise.resolve(${RUNS});\n`],
    ["function.mjs", `export default () => (${RUNS});\n`],
    ["later.ts", `export default async (): Promise<object> => (${RUNS});\n`],
  ])("is loaded: %s", async (name, text) => {
    expect(await load(name, text)).toMatchObject({ ok: true, value: { runs: [{ name: "a", argv: ["ls"] }] } });
  });

  test.each<[string, string, string, string[]]>([
    [
      "a mistyped key",
      "key.ts",
      `export default {\n  runs: {\n    a: { command: ["ls"] },\n    b: { comand: ["ls"] },\n  },\n};\n`,
      ['4:10 unknown-key | did you mean "command"?'],
    ],
    [
      "a run that is computed",
      "computed.ts",
      `const bad = { command: [5] };\nexport default { runs: { a: bad } };\n`,
      ['2:26 wrong-type | quote it: "5"'],
    ],
    [
      "a syntax error",
      "syntax.ts",
      `export default {\n  runs: { a b },\n};\n`,
      ["2:13 import-failed | fix the file; `node` reports the same error"],
    ],
    [
      "an enum, which has a value of its own",
      "enum.ts",
      `export default {};\nenum Colour { Red }\n`,
      ["2:1 import-failed | fix the file; `node` reports the same error"],
    ],
    [
      "an exception",
      "throws.mjs",
      `const x = null;\nexport default x.y;\n`,
      ["2:18 import-failed | fix the file; `node` reports the same error"],
    ],
    [
      "a rejected promise",
      "rejects.mjs",
      `export default (async () => {\n  throw new Error("no");\n})();\n`,
      ["2:9 import-failed | fix the file; `node` reports the same error"],
    ],
    [
      "a package that is not installed",
      "package.ts",
      `const a = 1;\nimport x from "no-such-package";\nexport default x;\n`,
      ["2:16 import-failed | fix the file; `node` reports the same error"],
    ],
    [
      "a module without a default export",
      "none.ts",
      `export const runs = {};\n`,
      ["1:1 no-default-export | write `export default defineWorkflow({ runs: { ... } })`"],
    ],
    [
      "a default export that is no mapping",
      "list.ts",
      `export default [];\n`,
      ["1:1 wrong-type | begin with `runs:`, and a run below it"],
    ],
  ])("is answered for %s", async (_what, name, text, problems) => {
    expect(describeProblems(await load(name, text))).toEqual(problems);
  });

  test("finds the package without being told where it is", async () => {
    const text = `export default async () => {\n  const entry = import.meta.resolve("runweave");\n  return { name: entry, runs: { a: { command: ["ls"] } } };\n};\n`;
    const checked = await load("entry.mjs", text, []);
    const entry = new URL("../../src/index.ts", import.meta.url).href;
    expect(checked).toMatchObject({ ok: true, value: { name: entry } });
  });
});
