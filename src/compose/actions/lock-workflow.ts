import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Problem } from "../../core/error/problem.ts";
import { formatLock } from "../../resolve/lock/format-lock.ts";
import type { Drift, Lock } from "../../resolve/lock/lock.ts";
import { sweepTemporaries, writeFileShared } from "../../versions/write-file.ts";
import type { HeldVersion } from "../freeze/hold-versions.ts";
import { LockFileError, lockPath } from "../lock/lock-file.ts";
import { readLockOf } from "../lock/prepare-as-locked.ts";
import { prepareLocked } from "../lock/prepare-locked.ts";
import type { ActionContext, StateAddress } from "./context.ts";
import { prepareFrom } from "./planning.ts";

/** A workflow file to be locked. */
export interface LockRequest {
  file: string;
  /** True to compare with the lock file, without writing it. */
  check?: boolean | undefined;
  /** True to take the newest versions instead of the locked ones. */
  update?: boolean | undefined;
}

/** A lock, and how it differs from the lock file. */
export interface LockResult {
  lockFile: string;
  written: boolean;
  /** True if the lock differs from the lock file, or there was none. */
  stale: boolean;
  lock: Lock;
  drifts: Drift[];
  /** Locked versions where there are newer ones. */
  held: HeldVersion[];
  /** Parts of runs that no lock can hold, each with its reason. */
  unlocked: { run: string; reason: string }[];
  warnings: Problem[];
}

/** Writes the lock file of a workflow, unless it has not changed. Throws LockFileError, and as `prepareWorkflow`. */
export async function lockWorkflow(
  address: StateAddress,
  request: LockRequest,
  context: ActionContext = {},
): Promise<LockResult> {
  const { file, check = false, update = false } = request;
  const lockFile = lockPath(file);
  const locked = readBefore(request);
  const { value, warnings } = await prepareFrom(address, { workflow: file }, context, (definition, options) =>
    prepareLocked(definition, { ...options, locked, takesNewest: update }),
  );
  const { lock, drifts, held } = value;
  const stale = locked === null || drifts.length > 0;
  const written = stale && !check;
  if (written) {
    sweepTemporaries(dirname(lockFile));
    writeFileShared(lockFile, formatLock(lock));
  }
  return { lockFile, written, stale, lock, drifts, held, unlocked: listUnlocked(lock), warnings };
}

/**
 * Reads the lock file. An unreadable one counts as none with `update` only: otherwise the user may have to look at it.
 */
function readBefore({ file, check, update }: LockRequest): Lock | null {
  if (check) return readLockOf(file);
  if (!existsSync(lockPath(file))) return null;
  try {
    return readLockOf(file);
  } catch (error) {
    if (update && error instanceof LockFileError) return null;
    throw error;
  }
}

function listUnlocked({ runs }: Lock): LockResult["unlocked"] {
  return Object.entries(runs).flatMap(([run, { unlocked }]) => unlocked.map((reason) => ({ run, reason })));
}
