import type { KedroTask, ResolvedRun, Task } from "../../core/port/runner.ts";
import type { ExceptionRecord } from "../../core/run.ts";
import { type ExecuteOptions, reject } from "../../execute/execute-options.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { fingerprintCode } from "../../runners/kedro/source-fingerprint.ts";
import { findWritten } from "../../versions/find-change.ts";

type Verify = ExecuteOptions["verify"];

/** Captures the present state of these runs' projects, so that a later change is noticed. */
export function captureSources(runs: readonly { task: Task }[]): Record<string, string> {
  const tasks = new Map(
    runs.flatMap(({ task }) => (task.kind === "kedro" ? [[nameProject(task), task] as const] : [])),
  );
  return Object.fromEntries([...tasks].map(([key, task]) => [key, lookAt(task)]));
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
  if (task.kind !== "kedro") return null;
  const before = sources[nameProject(task)];
  if (before === undefined || before === lookAt(task)) return null;
  return `code or configuration of ${task.project_path} was changed after the plan was made`;
}

/** Lists Kedro projects whose code or configuration is not what it was when the plan was made. */
export function listChangedProjects({ runs, sources = {} }: Plan): string[] {
  const changed = runs.flatMap(({ task }) => {
    const before = task.kind === "kedro" ? sources[nameProject(task)] : undefined;
    return task.kind === "kedro" && before !== undefined && before !== lookAt(task) ? [task.project_path] : [];
  });
  return [...new Set(changed)];
}

function lookAt({ project_path, conf_source }: KedroTask): string {
  return fingerprintCode(project_path, conf_source);
}

function nameProject({ project_path, conf_source }: KedroTask): string {
  return JSON.stringify([project_path, conf_source]);
}

function describeLocked(change: string): ExceptionRecord {
  const message = `${change}: a locked run needs exactly what was locked: restore it, or lock again`;
  return { type: "SourcesChanged", message, node: null, traceback: null, cause: null };
}
