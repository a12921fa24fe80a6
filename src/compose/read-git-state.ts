import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { GitState } from "../core/run.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

/** Byte code that a run itself leaves beside the sources, which no template's .gitignore forgets, though a project may have none. */
export const BYTE_CODE = "**/__pycache__/**";

/** The commit of the checkout around `folder` and whether anything in it has changed since; nulls where there is no git. */
export async function readGitState(folder: string): Promise<GitState> {
  try {
    const paths = ["--", ".", `:(exclude,glob)${BYTE_CODE}`];
    const status = await git(folder, ["status", "--porcelain=v2", "--branch", "--untracked-files=normal", ...paths]);
    const lines = status.split("\n").filter((line) => line !== "");
    const oid = lines.find((line) => line.startsWith("# branch.oid "))?.slice("# branch.oid ".length);
    return {
      commit: oid === undefined || oid === "(initial)" ? null : oid,
      dirty: lines.some((line) => !line.startsWith("#")),
    };
  } catch {
    return { commit: null, dirty: null };
  }
}

async function git(folder: string, args: string[]): Promise<string> {
  const options = {
    cwd: folder,
    timeout: TIMEOUT_MS,
    maxBuffer: 64 << 20,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
  };
  return (await run("git", args, options)).stdout;
}
