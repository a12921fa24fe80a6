import path from "node:path";
import { ensureVenv, type Venv } from "./python/ensure-venv.ts";
import { reportScriptError } from "./python/set-up-error.ts";

/** The root of the repository. */
export const REPOSITORY = path.resolve(import.meta.dirname, "..");

/**
 * Makes `<repository>/.venv` with Kedro and all that the tests, the demo and the benchmarks need, or finds it made.
 *
 * @throws {SetUpError} if there is no Python of at least 3.10 or no network
 */
export function setUpPython(): Promise<Venv> {
  return ensureVenv({
    folder: path.join(REPOSITORY, ".venv"),
    requirements: path.join(REPOSITORY, "scripts", "requirements.txt"),
  });
}

if (import.meta.main) {
  try {
    const venv = await setUpPython();
    console.log(`Python ${venv.version} is ${venv.reused ? "already set up" : "set up"}: ${venv.python}`);
  } catch (error) {
    process.exitCode = reportScriptError(error);
  }
}
