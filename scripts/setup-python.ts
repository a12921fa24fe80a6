import path from "node:path";
import { ensureVenv, type Packages, type Venv } from "./python/ensure-venv.ts";
import { reportScriptError } from "./python/set-up-error.ts";

/** The root of the repository. */
export const REPOSITORY = path.resolve(import.meta.dirname, "..");

const ALL: Packages = { requirements: path.join(REPOSITORY, "scripts", "requirements.txt") };
const DEMO: Packages = {
  requirements: path.join(REPOSITORY, "scripts", "requirements-demo.txt"),
  versions: ALL.requirements,
};

/**
 * Makes `<repository>/.venv` with Kedro and all that the tests and the benchmarks need, or finds it made. With `demo`, only the packages
 * of the demo are installed; the others are added when they are needed.
 *
 * @throws {SetUpError} if there is no Python of at least 3.10 or no network
 */
export function setUpPython(packages: "demo" | "all" = "all"): Promise<Venv> {
  const folder = path.join(REPOSITORY, ".venv");
  return packages === "demo"
    ? ensureVenv({ folder, ...DEMO, partOf: [ALL] })
    : ensureVenv({ folder, ...ALL, parts: [DEMO] });
}

if (import.meta.main) {
  try {
    const venv = await setUpPython();
    console.log(`Python ${venv.version} is ${venv.reused ? "already set up" : "set up"}: ${venv.python}`);
  } catch (error) {
    process.exitCode = reportScriptError(error);
  }
}
