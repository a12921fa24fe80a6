import { spawnSync } from "node:child_process";

/**
 * Compiles the Python worker once for all tests that start it: where PYTHONDONTWRITEBYTECODE is set, as in many containers,
 * each start would. Without that Python nothing is compiled, and the tests that need it say so.
 */
export function compileWorker(python: string, folder: string): void {
  spawnSync(python, ["-m", "compileall", "-q", folder], { stdio: "ignore" });
}
