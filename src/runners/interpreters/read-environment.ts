import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { environmentError } from "../../core/error/environment-error.ts";
import type { EnvironmentFacts } from "../../core/run.ts";
import { PythonAnswers, watchProgram } from "../answers/python-answers.ts";
import { findWorkerFolder } from "./worker-folder.ts";

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 16 << 20;
const PROGRAM = `
import platform
from runweave_worker.process.environment import packages, platform_name
found = packages()
value = {"python": platform.python_version(), "kedro": found.get("kedro", ""),
         "platform": platform_name(), "packages": found}
`;
const run = promisify(execFile);

/**
 * Reads what an interpreter would run a project in, as a worker tells it; `answers` keeps it, if given. Throws
 * EnvironmentError.
 */
export async function readEnvironment(
  python: string,
  environment: NodeJS.ProcessEnv,
  answers?: string,
): Promise<EnvironmentFacts> {
  const searchPath = [findWorkerFolder(), ...(environment.PYTHONPATH ? [environment.PYTHONPATH] : [])];
  const env = { ...environment, PYTHONPATH: searchPath.join(delimiter) };
  const ask = async () => {
    // `python -c` imports from its working folder first, which may be another user's.
    const options = { cwd: findWorkerFolder(), env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    return (await run(python, ["-c", watchProgram(PROGRAM)], options)).stdout;
  };
  try {
    const found = await new PythonAnswers(answers).find({ python, program: PROGRAM, environment: env }, ask);
    return found as EnvironmentFacts;
  } catch (error) {
    const { message } = error as Error;
    throw environmentError(
      "python-missing",
      `${python} does not report its packages: ${message}`,
      "fix its environment",
    );
  }
}
