import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 64 << 20;

/** A repository may name programs for these, and only looking at it is no reason to run them. */
const NO_PROGRAMS = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

interface GitOptions {
  /** An index of our own, in place of the checkout's. */
  index?: string;
  maxBytes?: number;
}

/**
 * Returns the output of git in `folder`. It changes no file there, and runs no hook or monitor of the repository.
 * Rejects as `execFile`.
 */
export async function quietGit(
  folder: string,
  args: readonly string[],
  { index, maxBytes = MAX_OUTPUT_BYTES }: GitOptions = {},
): Promise<Buffer> {
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0", ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) };
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: maxBytes, encoding: "buffer" as const, env };
  return (await run("git", [...NO_PROGRAMS, ...args], options)).stdout;
}
