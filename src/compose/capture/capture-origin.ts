import { hash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { arch, hostname, platform, release, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { GitState, PatchRef, SessionOrigin } from "../../core/run.ts";
import type { Plan } from "../../plan/plan.ts";
import { UnsafePathError } from "../../versions/layout.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";
import { findCheckout } from "./find-checkout.ts";
import { type IsOutput, recogniseOutputs } from "./own-outputs.ts";
import { readOwnVersion } from "./own-version.ts";
import { listNoCode, readGitState } from "./read-git-state.ts";
import { type CodeTree, readPatch } from "./read-patch.ts";

const MAX_PATCH_BYTES = 10_000_000;
/** Largest number of names of files that are left out. */
const MAX_NAMES = 100;

/** Code of a session, and its folder. */
export interface CapturedCode {
  git: GitState;
  origin: SessionOrigin;
  /** The folder below which the patch is kept. */
  root: string;
}

/** Folder of patches, and files that are no code. */
export interface CaptureOptions extends CaptureScope {
  /** Outputs of the workflow's runs: absolute paths of files and folders. */
  written?: readonly string[] | undefined;
}

export interface CaptureScope {
  /** The state folder. */
  root: string;
  /** Default: new files too, and not only those that git tracks. */
  capture?: "all" | "tracked" | undefined;
}

/**
 * The commit of the checkout around `from`, the changes of code that no commit has, wherever in the checkout (kept below the
 * state folder `root`), and where and by whom the session is started. Never throws.
 */
export function captureCode(from: string, { written, ...scope }: CaptureOptions): Promise<CapturedCode> {
  return beginCapture(from, scope).finish(written);
}

/** Options that a plan decides on. */
export function pickCapture({ written, capture }: Pick<Plan, "written" | "capture">): Omit<CaptureOptions, "root"> {
  return { written, capture };
}

/** A capture under way. */
export interface CodeCapture {
  /** Called once, with what runs of the workflow write or publish, as soon as that is known. Never rejects. */
  finish(written?: readonly string[]): Promise<CapturedCode>;
}

/** Begins the capture, for callers that make the plan, and learn from it what runs write, while git works. */
export function beginCapture(from: string, scope: CaptureScope): CodeCapture {
  const outputs = Promise.withResolvers<IsOutput>();
  const captured = capture(from, scope, outputs.promise);
  return {
    finish: (written = []) => {
      outputs.resolve(recogniseOutputs(written));
      return captured;
    },
  };
}

async function capture(from: string, scope: CaptureScope, outputs: Promise<IsOutput>): Promise<CapturedCode> {
  const folder = findCheckout(from) ?? from;
  const without = listNoCode(from, folder);
  const tracksOnly = scope.capture === "tracked";
  const git = await readGitState(folder, { without, outputs, tracksOnly });
  const tree = { folder, without, isOutput: await outputs, tracksOnly };
  const patch = git.dirty && git.commit !== null ? await capturePatch(tree, scope.root) : null;
  return { git, origin: describeOrigin(patch), root: scope.root };
}

function describeOrigin(patch: PatchRef | null): SessionOrigin {
  return {
    host: hostname(),
    user: nameUser(),
    platform: `${platform()} ${arch()} ${release()}`,
    node: process.versions.node,
    runweave: readOwnVersion(),
    working_folder: process.cwd(),
    patch,
  };
}

/** Returns the path of the patch with this digest. Throws UnsafePathError for a text that is no digest. */
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
    const patch: PatchRef = { digest, bytes: text.length, truncated };
    if (left_out.length > 0) patch.left_out = left_out;
    if (checkout.tracksOnly) patch.tracked_only = true;
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
