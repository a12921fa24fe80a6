import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ReproduceError } from "./reproduce-error.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 << 20;

/**
 * Runs git with these arguments, without hooks, and without variables that name another repository. Throws
 * ReproduceError.
 */
export async function git(cwd: string, args: string[]): Promise<string> {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...inherited } = process.env;
  const env = { ...inherited, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" };
  try {
    const options = { cwd, env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    return (await run("git", ["-c", "core.hooksPath=/dev/null", ...args], options)).stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") throw new ReproduceError("no-git", "there is no git on PATH");
    throw new ReproduceError("git-failed", `git ${args[0]}: ${stderr?.trim() || (error as Error).message}`);
  }
}
