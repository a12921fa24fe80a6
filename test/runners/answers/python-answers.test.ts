import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PythonAnswers, watchProgram } from "../../../src/runners/answers/python-answers.ts";
import { findWorkerFolder } from "../../../src/runners/interpreters/worker-folder.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const PROGRAM = `
import importlib.util
value = importlib.util.find_spec("wanted") is not None
`;

function makeAsker(python = findTestPython()) {
  const [folder, path] = [makeTemporaryFolder(), makeTemporaryFolder()];
  let asked = 0;
  const find = async (answers: string | undefined = join(folder, "probes")) => {
    const before = asked;
    const environment = { PYTHONPATH: `${findWorkerFolder()}:${path}` };
    const ask = async () => {
      asked += 1;
      return execFileSync(python, ["-c", watchProgram(PROGRAM)], { cwd: folder, env: environment, encoding: "utf8" });
    };
    const value = await new PythonAnswers(answers).find({ python, program: PROGRAM, environment }, ask);
    return { value, asked: asked - before };
  };
  return { find, path };
}

test("what a Python found out is known until it would find out something else", async () => {
  const { find, path } = makeAsker();
  expect(await find()).toEqual({ value: false, asked: 1 });
  expect(await find()).toEqual({ value: false, asked: 0 });
  mkdirSync(join(path, "wanted"));
  writeFileSync(join(path, "wanted/__init__.py"), "");
  expect(await find()).toEqual({ value: true, asked: 1 });
  expect(await find()).toEqual({ value: true, asked: 0 });
});

test("it is asked each time where nothing is kept, or where a script stands in its place", async () => {
  const { find } = makeAsker();
  for (const _ of [1, 2]) expect(await new PythonAnswers(undefined).find(NOTHING, async () => '{"value": 7}')).toBe(7);
  expect(await find()).toMatchObject({ asked: 1 });

  const shim = join(makeTemporaryFolder(), "python");
  writeFileSync(shim, `#!/bin/sh\nexec ${findTestPython()} "$@"\n`, { mode: 0o755 });
  const ofShim = makeAsker(shim);
  for (const _ of [1, 2]) expect(await ofShim.find()).toEqual({ value: false, asked: 1 });
});

const NOTHING = { python: findTestPython(), program: "value = 7", environment: {} };
