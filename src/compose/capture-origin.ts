import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { arch, hostname, platform, release, tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { GitState, PatchRef, SessionOrigin } from "../core/run.ts";
import { UnsafePathError } from "../versions/layout.ts";
import { writeFileWhole } from "../versions/write-file.ts";
import { findCheckout } from "./find-checkout.ts";
import { tellOwnVersion } from "./own-version.ts";
import { listNoCode, readGitState } from "./read-git-state.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;
const MAX_PATCH_BYTES = 10_000_000;

/** What holds secrets by its name stays out of patches, though it belongs in no checkout either. */
const LEFT_OUT = ["**/.env", "**/.env.*", "**/conf/local/**", "**/credentials*", "**/*.pem", "**/*.key"];

/** Which code a session runs, and where. */
export interface CapturedCode {
  git: GitState;
  origin: SessionOrigin;
}

/**
 * The commit of the checkout around `from`, the changes of code that no commit has, wherever in the checkout (kept below the
 * state folder `root`), and where and by whom the session is started. Never throws.
 */
export async function captureCode(from: string, root: string): Promise<CapturedCode> {
  const folder = findCheckout(from) ?? from;
  const without = listNoCode(from, folder);
  const git = await readGitState(folder, without);
  const patch = git.dirty && git.commit !== null ? await capturePatch({ folder, without }, root) : null;
  return { git, origin: describeOrigin(patch) };
}

function describeOrigin(patch: PatchRef | null): SessionOrigin {
  return {
    host: hostname(),
    user: nameUser(),
    platform: `${platform()} ${arch()} ${release()}`,
    node: process.versions.node,
    runweave: tellOwnVersion(),
    working_folder: process.cwd(),
    patch,
  };
}

/** Where the patch of this digest is kept. Throws UnsafePathError for what is no digest. */
export function patchPath(root: string, { digest }: Pick<PatchRef, "digest">): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new UnsafePathError(`${JSON.stringify(digest)} is no digest`);
  return join(root, "patches", `${digest.replace("sha256:", "")}.patch`);
}

interface Checkout {
  folder: string;
  /** Patterns of what is no code. */
  without: readonly string[];
}

async function capturePatch(checkout: Checkout, root: string): Promise<PatchRef | null> {
  const scratch = mkdtempSync(join(tmpdir(), "runweave-index-"));
  try {
    const { text, truncated } = await readPatch(checkout, join(scratch, "index"));
    if (text.length === 0) return null;
    const patch = { digest: `sha256:${hash("sha256", text, "hex")}`, bytes: text.length, truncated };
    const path = patchPath(root, patch);
    mkdirSync(join(root, "patches"), { recursive: true, mode: 0o700 });
    if (!existsSync(path)) writeFileWhole(path, text);
    return patch;
  } catch {
    return null;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** New files too, in an index of our own: the checkout's is never touched. */
async function readPatch({ folder, without }: Checkout, index: string): Promise<{ text: Buffer; truncated: boolean }> {
  const own = (await git(folder, ["rev-parse", "--git-path", "index"])).toString().trim();
  const path = resolve(folder, own);
  if (existsSync(path)) copyIndex(path, index);
  const paths = ["--", ".", ...[...LEFT_OUT, ...without].map((glob) => `:(exclude,glob)${glob}`)];
  await git(folder, ["add", "--intent-to-add", ...paths], index);
  try {
    return {
      text: await git(folder, ["diff", "--binary", "--no-ext-diff", "HEAD", ...paths], index),
      truncated: false,
    };
  } catch (error) {
    const { code, stdout } = error as { code?: string; stdout?: Buffer };
    if (code !== "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" || stdout === undefined) throw error;
    return { text: stdout.subarray(0, MAX_PATCH_BYTES), truncated: true };
  }
}

/**
 * Not newer than the original: a file that was written no earlier than the index is compared by its content, however much it
 * looks like what the index knows (gitformat-index(5), racy-git).
 */
function copyIndex(path: string, copy: string): void {
  copyFileSync(path, copy);
  const written = new Date(Math.floor(statSync(path).mtimeMs) - 1);
  utimesSync(copy, written, written);
}

async function git(folder: string, args: string[], index?: string): Promise<Buffer> {
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0", ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) };
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: MAX_PATCH_BYTES, encoding: "buffer" as const, env };
  return (await run("git", args, options)).stdout;
}

function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
