import { join } from "node:path";
import { type Problem, warningAt } from "../../core/error/problem.ts";
import type { PatchRef, SessionRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { readRecord } from "../../processes/read-record.ts";
import { type CapturedCode, patchPath } from "../capture/capture-origin.ts";
import { findCheckout } from "../capture/find-checkout.ts";
import { type IsOutput, recogniseOutputs } from "../capture/own-outputs.ts";
import { quietGit } from "../capture/quiet-git.ts";
import { listNoCode } from "../capture/read-git-state.ts";
import { isWorkflowLock } from "../capture/workflow-lock.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { listPatchChanges } from "./patch-changes.ts";

const MOST_FILES = 5;

export interface DriftScope {
  /** Folder of the code. */
  folder: string;
  kept: KeptPlan;
  /** The state folder, where the patch of the session is. */
  stateFolder: string;
}

/** Warns that the code differs from the code that the session ran: executed runs use the present code. */
export async function formatDrift(
  session: SessionRecord,
  now: CapturedCode,
  { folder, kept, stateFolder }: DriftScope,
): Promise<Problem[]> {
  const { git_commit, git_dirty, origin } = session;
  if (git_commit === null || now.git.commit === null) {
    const message = "it is unknown whether the code has changed since: there was, or is, no git repository";
    return [warn("code-unknown", message)];
  }
  const [before, after] = [origin?.patch ?? null, now.origin.patch];
  const isSamePatch = before?.digest === after?.digest && git_dirty === now.git.dirty;
  const isSameCommit = git_commit === now.git.commit;
  if (isSameCommit && isSamePatch) return [];
  const what = isSameCommit ? "uncommitted changes" : `${git_commit.slice(0, 12)} -> ${now.git.commit.slice(0, 12)}`;
  // Files with the same uncommitted changes then and now have not changed since.
  const known = isSameCommit
    ? comparePatches(readPatchText(before, stateFolder), readPatchText(after, now.root))
    : null;
  const files = known ?? (await listChangedFiles(folder, git_commit, recogniseOutputs(kept.plan.written ?? [])));
  // A commit of data alone changes no code.
  if (isSamePatch && files?.length === 0) return [];
  const named = files === null || files.length === 0 ? "" : `: ${listFew(files, MOST_FILES)}`;
  return [warn("code-changed", `the code has changed since the session ran (${what})${named}`)];
}

/** The files that two patches of one commit tell apart; null where one of them is not whole. */
function comparePatches(before: string | null, after: string | null): string[] | null {
  return before === null || after === null ? null : listPatchChanges(before, after);
}

/** Null if it is not whole, or is not there any more. */
function readPatchText(patch: PatchRef | null, root: string): string | null {
  if (patch === null) return "";
  try {
    return patch.truncated ? null : readRecord(patchPath(root, patch));
  } catch {
    return null;
  }
}

/** Variables that the session's runs refer to and that have other values now, as a warning. */
export function describeVariables(changed: readonly string[]): Problem[] {
  if (changed.length === 0) return [];
  const message = `the session was started with other values of ${listFew(changed)}`;
  const hint = "runs that are executed get the present values; reused ones stay as they were";
  return [warningAt(null, "variables-changed", message, hint)];
}

/** A Kedro project whose code or configuration is not what the plan was made with, as a warning. */
export function warnOfProject(project: string): Problem {
  return warn("code-changed", `the code or configuration of ${project} has changed since the session's plan was made`);
}

function warn(code: string, message: string): Problem {
  return warningAt(null, code, message, "runs that are executed use the present code; reused ones stay as they were");
}

/** Lists files of code in the checkout that changed between that commit and now; null where git can't tell. */
async function listChangedFiles(from: string, commit: string, isOutput: IsOutput): Promise<string[] | null> {
  if (!/^[0-9a-f]{7,64}$/.test(commit)) return null;
  const checkout = findCheckout(from) ?? from;
  const without = listNoCode(from, checkout).map((glob) => `:(exclude,glob)${glob}`);
  try {
    const args = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit, "--", ".", ...without];
    const printed = (await quietGit(checkout, args)).toString();
    const isCode = (path: string) => !isWorkflowLock(path) && !isOutput(path);
    return printed.split("\0").filter((name) => name !== "" && isCode(join(checkout, name)));
  } catch {
    return null;
  }
}
