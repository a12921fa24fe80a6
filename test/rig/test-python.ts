import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where the Python with Kedro is that tests run on: RUNWEAVE_TEST_PYTHON, else in the repository's own environment. */
export function testPythonPath(): string {
  return process.env.RUNWEAVE_TEST_PYTHON ?? join(import.meta.dirname, "../../.venv/bin/python");
}

/** The same path, of a Python that is there. */
export function findTestPython(): string {
  const python = testPythonPath();
  if (!existsSync(python)) throw new Error(`there is no Python at ${python}: run \`node scripts/setup-python.ts\``);
  return python;
}
