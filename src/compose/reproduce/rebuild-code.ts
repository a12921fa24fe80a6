import { hash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import type { PatchRef } from "../../core/run.ts";
import { patchPath } from "../capture/capture-origin.ts";
import type { PastRun } from "./read-past-run.ts";
import { rebuildSubmodules, type Submodule } from "./rebuild-submodules.ts";
import { ReproduceError } from "./reproduce-error.ts";
import { git } from "./run-git.ts";

/**
 * Makes the code of a recorded run in the new `folder`: its commit, with the changes that were kept below the state folder
 * `root`. The result is a clone that borrows the repository's objects, and no worktree: the user's own repository is not
 * written. Submodules are rebuilt likewise; those that the checkout does not have stay empty, and are named. Throws
 * ReproduceError.
 */
export async function rebuildCode(
  { checkout, commit, patch }: PastRun["code"],
  { folder, root }: { folder: string; root: string },
): Promise<Submodule[]> {
  // A name would be another commit tomorrow, and what begins with a dash an option.
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    throw new ReproduceError("commit-gone", `${JSON.stringify(commit)} is not a commit`);
  const changes = patch === null ? null : findPatch(patch, root);
  await git(checkout, ["cat-file", "-e", `${commit}^{commit}`]).catch(() => {
    const hint = "fetch it from where it was pushed, or from a clone that has it";
    throw new ReproduceError("commit-gone", `${checkout} does not have the commit ${commit} any more`, hint);
  });
  await git(checkout, ["clone", "--quiet", "--shared", "--no-checkout", checkout, folder]);
  await git(folder, ["checkout", "--quiet", "--detach", commit]);
  const absent = await rebuildSubmodules({ checkout, repository: checkout, folder, commit, prefix: "" });
  if (changes === null) return absent;
  await git(folder, ["apply", "--whitespace=nowarn", changes]).catch((error: Error) => {
    throw new ReproduceError("patch-does-not-apply", `the changes to ${commit} don't apply: ${firstLine(error)}`);
  });
  return absent;
}

function findPatch(patch: PatchRef, root: string): string {
  const path = patchPath(root, patch);
  if (patch.truncated) {
    throw new ReproduceError(
      "patch-truncated",
      `only the first ${patch.bytes} bytes of the uncommitted changes were kept`,
    );
  }
  const digest = digestFile(path);
  if (digest === null) throw new ReproduceError("patch-gone", `the uncommitted changes are gone: there is no ${path}`);
  if (digest !== patch.digest) {
    throw new ReproduceError("patch-changed", `${path} has changed: it is ${digest} and was ${patch.digest}`);
  }
  return path;
}

function digestFile(path: string): string | null {
  try {
    // A pipe would be waited for, and a device has no end.
    if (!lstatSync(path).isFile()) return null;
    return `sha256:${hash("sha256", readFileSync(path), "hex")}`;
  } catch {
    return null;
  }
}

function firstLine({ message }: Error): string {
  return message.split("\n")[0] ?? "";
}
