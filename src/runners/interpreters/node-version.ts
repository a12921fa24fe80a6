import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";

const NODE = /^node(?:js)?$/;
const TIMEOUT_MS = 20_000;
const run = promisify(execFile);

/** The version of a Node, as it says itself; null for other programs, by their name, and for one that does not say. */
export async function readNodeVersion(program: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  if (!NODE.test(basename(program))) return null;
  try {
    const { stdout } = await run(program, ["--version"], { env: environment, timeout: TIMEOUT_MS });
    return stdout.trim().replace(/^v/, "") || null;
  } catch {
    return null;
  }
}
