import { hash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { arch, hostname, platform, release, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { GitState, PatchRef, SessionOrigin } from "../../core/run.ts";
import { UnsafePathError } from "../../versions/layout.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";
import { findCheckout } from "./find-checkout.ts";
import { tellOwnVersion } from "./own-version.ts";
import { listNoCode, readGitState } from "./read-git-state.ts";
import { type CodeTree, readPatch } from "./read-patch.ts";

const MAX_PATCH_BYTES = 10_000_000;
/** Of files that are left out and named. */
const MAX_NAMES = 100;

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

/** Where the patch of this digest is kept. Throws UnsafePathError for what is not a digest. */
export function patchPath(root: string, { digest }: Pick<PatchRef, "digest">): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new UnsafePathError(`${JSON.stringify(digest)} is not a digest`);
  return join(root, "patches", `${digest.replace("sha256:", "")}.patch`);
}

async function capturePatch(checkout: CodeTree, root: string): Promise<PatchRef | null> {
  const scratch = mkdtempSync(join(tmpdir(), "runweave-index-"));
  try {
    const { text, truncated, leftOut } = await readPatch(checkout, { scratch, maxBytes: MAX_PATCH_BYTES });
    if (text.length === 0) return null;
    const digest = `sha256:${hash("sha256", text, "hex")}`;
    const left_out = leftOut.slice(0, MAX_NAMES);
    const patch = { digest, bytes: text.length, truncated, ...(left_out.length === 0 ? {} : { left_out }) };
    const path = patchPath(root, patch);
    mkdirSync(join(root, "patches"), { recursive: true, mode: 0o700 });
    sweepTemporaries(dirname(path));
    if (!existsSync(path)) writeFileWhole(path, text);
    return patch;
  } catch {
    return null;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
