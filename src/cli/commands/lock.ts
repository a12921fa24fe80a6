import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { lockPath } from "../../compose/lock/lock-file.ts";
import { type HeldVersion, type LockedPlan, prepareLocked } from "../../compose/lock/prepare-locked.ts";
import type { Lock } from "../../core/answer/lock.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { describeDrift } from "../../resolve/compare-locks.ts";
import { formatLock } from "../../resolve/format-lock.ts";
import { sweepTemporaries, writeFileShared } from "../../versions/write-file.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { workflowOr } from "../find/choose-workflow.ts";
import type { RegistryFlag } from "../open-registry.ts";
import { readLockOf } from "../read-lock.ts";
import { readPrepared } from "../read-plan.ts";
import { showPath } from "../show-path.ts";
import { writeLines, writeProblems } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface LockFlags extends RegistryFlag {
  check?: boolean;
  update?: boolean;
  json?: boolean;
}

/** `runweave lock [FILE]`: exit 1 if `--check` finds that anything is not as in the lock file. */
export async function lockWorkflowFile(said: string | undefined, flags: LockFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const path = lockPath(file);
  const before = readBefore(file, flags);
  const { lock, drifts, held } = await plan(file, before, flags);
  const isStale = before === null || drifts.length > 0;
  const isWritten = !flags.check && isStale;
  if (isWritten) {
    sweepTemporaries(dirname(path));
    writeFileShared(path, formatLock(lock));
  }
  if (flags.json) {
    const of = { lock_file: path, written: isWritten, ok: !flags.check || !isStale };
    writeAnswer("lock", { ...of, drifts, held, unlocked: listUnlocked(lock) });
  } else {
    const verb = isWritten ? "taken" : "drift";
    const lines = drifts.map((drift) => `${verb}  ${describeDrift(drift)}`);
    const ending = isWritten ? "written" : isStale ? "different from the lock file" : "as in the lock file";
    const runs = Object.keys(lock.runs).length;
    const count = `${runs} ${runs === 1 ? "run" : "runs"}`;
    const told = [...lines, ...held.map(describeHeld), `${showPath(path)}: ${ending}, ${count}`];
    writeLines(process.stdout, told.map(cleanText));
  }
  return flags.check && isStale ? 1 : 0;
}

/** A file that can't be read is written anew only if that is asked for: somebody may have to look at it. */
function readBefore(file: string, { check, update }: LockFlags): Lock | null {
  if (check) return readLockOf(file);
  if (!existsSync(lockPath(file))) return null;
  try {
    return readLockOf(file);
  } catch (error) {
    if (update && error instanceof CliError) return null;
    throw error;
  }
}

async function plan(file: string, locked: Lock | null, flags: LockFlags): Promise<LockedPlan> {
  const takesNewest = flags.update === true;
  const { value, warnings } = await readPrepared(file, flags, (definition, options) =>
    prepareLocked(definition, { ...options, locked, takesNewest }),
  );
  if (!flags.json) writeProblems(process.stderr, warnings);
  return value;
}

function describeHeld({ run, dataset, version, newest }: HeldVersion): string {
  return `held   ${dataset} of ${run}: ${version}, although ${newest} is newer (\`lock --update\` takes that)`;
}

function listUnlocked({ runs }: Lock): { run: string; reason: string }[] {
  return Object.entries(runs).flatMap(([run, { unlocked }]) => unlocked.map((reason) => ({ run, reason })));
}
