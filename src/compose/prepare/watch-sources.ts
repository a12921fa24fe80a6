import type { ResolvedRun, Task } from "../../core/port/runner.ts";
import type { TaskSources } from "../../core/port/task-kind.ts";
import type { ExceptionRecord } from "../../core/run.ts";
import { type ExecuteOptions, reject } from "../../execute/execute-options.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { kindOf } from "../../runners/task-kinds.ts";
import { findWritten } from "../../versions/find-change.ts";

type Verify = ExecuteOptions["verify"];

/** Captures the present state of these runs' projects, so that a later change is noticed. */
export function captureSources(runs: readonly { task: Task }[]): Record<string, string> {
  const found = new Map(runs.flatMap(({ task }) => sourcesOf(task).map((sources) => [sources.key, sources] as const)));
  return Object.fromEntries(Array.from(found, ([key, each]) => [key, each.fingerprintCode()]));
}

/** The plan of a session, for another one that begins now: it is held to no lock file. */
export function renewPlan({ locked: _, ...plan }: Plan, runs: PlannedRun[]): Plan {
  return { ...plan, runs: runs.map(({ watched: __, ...run }) => run), sources: captureSources(runs) };
}

/**
 * Checks after each run that its code is still as the plan saw it: else it is unknown which of the two the run used. A
 * locked run fails then; for any other, `onDoubt` is called.
 */
export function watchSources(plan: Plan, verify: Verify, onDoubt: (run: ResolvedRun, doubt: string) => void): Verify {
  const runs = new Map(plan.runs.map((planned) => [planned.run, planned]));
  return async (result, resolved) => {
    const verified = await verify(result, resolved);
    const planned = runs.get(resolved.run);
    if (verified.rejection !== null || planned === undefined) return verified;
    const doubt = verified.doubt ?? (await findChange(plan, planned));
    if (doubt === null) return verified;
    if (plan.locked) return reject(describeLocked(doubt));
    onDoubt(resolved, doubt);
    return { rejection: null, doubt };
  };
}

async function findChange({ sources = {} }: Plan, { task, watched = [] }: PlannedRun): Promise<string | null> {
  const written = await findWritten(watched);
  if (written !== null) return `${written} was changed after the plan was made`;
  const [folder] = findChanged(task, sources);
  return folder === undefined ? null : `code or configuration of ${folder} was changed after the plan was made`;
}

/** Lists Kedro projects whose code or configuration is not what it was when the plan was made. */
export function listChangedProjects({ runs, sources = {} }: Plan): string[] {
  return [...new Set(runs.flatMap(({ task }) => findChanged(task, sources)))];
}

/** The folder of a task's sources, if these are not as they were; else none. */
function findChanged(task: Task, before: Readonly<Record<string, string>>): string[] {
  return sourcesOf(task).flatMap(({ key, folder, fingerprintCode }) => {
    const then = before[key];
    return then === undefined || then === fingerprintCode() ? [] : [folder];
  });
}

function sourcesOf(task: Task): TaskSources[] {
  const sources = kindOf(task).sourcesOf(task);
  return sources === null ? [] : [sources];
}

function describeLocked(change: string): ExceptionRecord {
  const message = `${change}: a locked run needs exactly what was locked: restore it, or lock again`;
  return { type: "SourcesChanged", message, node: null, traceback: null, cause: null };
}
