import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkModules } from "../../../src/compose/prepare/check-modules.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import { makeCommand, makeMatrix, makeModule, makeWorkflow } from "../../rig/make-definition.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { writeFiles } from "../../rig/toy-project.ts";

test("a path that the system does not take is a problem like any other", () => {
  const run = (name: string, path: string) => makeModule(name, { path, params: {} });
  const definition = makeWorkflow([
    run("a", `/w/${"x".repeat(5_000)}.ts`),
    run("b", "/w/\0.ts"),
    run("c", "/dev/null/x.ts"),
  ]);
  const expanded = expandRuns(definition, {});
  const problems = expanded.ok ? checkModules(definition, expanded.value) : [];
  expect(problems.map(({ code }) => code)).toEqual(["invalid-module", "invalid-module", "invalid-module"]);
});

test("what can't be imported is a located problem, each file of a matrix once", () => {
  const dir = makeTemporaryFolder();
  writeFiles(dir, { "right.ts": "", "right.mjs": "", "train.py": "", "page.tsx": "" });
  mkdirSync(join(dir, "folder.ts"));
  const make = (name: string, file: string) => makeModule(name, { path: join(dir, file), params: {} });
  const matrix = makeMatrix({ file: ["gone", "right"], seed: [1, 2] });
  const runs = [
    ...["right.ts", "right.mjs", "train.py", "page.tsx", "folder.ts", "lost.ts"].map((file, at) =>
      make(`r${at}`, file),
    ),
    { ...make("arms", "${matrix.file}.ts"), matrix },
    makeCommand("command"),
  ];
  const definition = makeWorkflow(runs, { dir });
  const expanded = expandRuns(definition, {});
  const problems = expanded.ok ? checkModules(definition, expanded.value) : [];
  const told = problems.map(({ location, code, message, hint }) => [
    location?.file,
    code,
    message.replace(dir, ""),
    hint,
  ]);
  const extensions = "a module ends in .ts, .mts, .cts, .js, .mjs, .cjs";
  const gone = "fix `module`: it is relative to the workflow file";
  expect(told).toEqual([
    [
      "runs/r2/module",
      "invalid-module",
      "r2: /train.py is not a TypeScript or JavaScript module",
      expect.stringContaining("command: [python, train.py]"),
    ],
    ["runs/r3/module", "invalid-module", "r3: /page.tsx is not a TypeScript or JavaScript module", extensions],
    ["runs/r4/module", "invalid-module", "r4: /folder.ts is a folder", "name the file in it"],
    ["runs/r5/module", "invalid-module", "r5: /lost.ts does not exist", gone],
    [
      "runs/arms/module",
      "invalid-module",
      "arms[file=gone,seed=1]: /gone.ts does not exist (and 1 more like it)",
      gone,
    ],
  ]);
});
