import { accept, type Checked } from "../../core/error/problem.ts";
import type { WatchedFile } from "../../core/fingerprint.ts";
import { listFrozen } from "../../core/select-reads.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import type { Plan } from "../../plan/plan.ts";
import { compareLocks } from "../../resolve/lock/compare-locks.ts";
import type { Drift, Lock, LockedPin } from "../../resolve/lock/lock.ts";
import type { HeldVersion, HoldVersion } from "../freeze/hold-versions.ts";
import { type PrepareOptions, prepareWhole } from "../prepare/prepare-plan.ts";
import { describeLock } from "./describe-lock.ts";

/** A plan beside what was locked of it. */
export interface LockedPlan {
  plan: Plan;
  /** Lock as it would be written now. */
  lock: Lock;
  /** Differences from the lock file; empty if there are none, or no lock was given. */
  drifts: Drift[];
  /** Locked versions where there are newer ones. */
  held: HeldVersion[];
}

export interface LockOptions extends PrepareOptions {
  /** The lock; null if there is none. */
  locked: Lock | null;
  /** True to take the newest versions instead of the locked ones. */
  takesNewest?: boolean;
}

/**
 * The plan of a workflow on the versions that are locked, as far as they can still be had, and all that differs from the
 * lock. Problems are those of `preparePlan`.
 */
export async function prepareLocked(
  definition: WorkflowDefinition,
  { locked, takesNewest = false, ...options }: LockOptions,
): Promise<Checked<LockedPlan>> {
  const hold = locked === null || takesNewest ? undefined : holdFrom(locked);
  const prepared = await prepareWhole(definition, { ...options, asksAll: true, hold });
  if (!prepared.ok) return prepared;
  const { plan, facts, content } = prepared.value;
  const { lock, findFile, watched } = await describeLock({
    definition,
    plan,
    facts,
    content,
    environment: options.environment,
  });
  content.save();
  const drifts = locked === null ? [] : compareLocks(locked, lock, findFile);
  return accept({ plan: holdTo(watched, plan), lock, drifts, held: listHeld(plan) }, prepared.warnings);
}

/** Adds the files that commands are made of, so that a change of them is noticed while the session runs. */
function holdTo(watched: ReadonlyMap<string, WatchedFile[]>, plan: Plan): Plan {
  const runs = plan.runs.map((run) => {
    const files = watched.get(run.run);
    return files === undefined ? run : { ...run, watched: files };
  });
  return { ...plan, runs, locked: true };
}

function holdFrom({ runs }: Lock): HoldVersion {
  return (run, dataset): LockedPin | null => {
    const pins = Object.hasOwn(runs, run) ? runs[run]?.pins : undefined;
    return pins !== undefined && Object.hasOwn(pins, dataset) ? (pins[dataset] ?? null) : null;
  };
}

function listHeld({ runs }: Plan): HeldVersion[] {
  return runs.flatMap((planned) =>
    listFrozen(planned).flatMap(([dataset, { version, held, passed_over = "" }]) =>
      held === undefined ? [] : [{ run: planned.run, dataset, version, newest: passed_over }],
    ),
  );
}
