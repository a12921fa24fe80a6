import { existsSync } from "node:fs";
import { join } from "node:path";

/** The Python with Kedro that tests run on: RUNWEAVE_TEST_PYTHON, else the repository's own environment. */
export function findTestPython(): string {
  const python = process.env.RUNWEAVE_TEST_PYTHON ?? join(import.meta.dirname, "../../.venv/bin/python");
  if (!existsSync(python)) throw new Error(`there is no Python at ${python}: run \`node scripts/setup-python.ts\``);
  return python;
}
