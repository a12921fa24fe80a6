import type { AttemptSignal } from "../core/attempt-event.ts";
import type { RunEvent } from "../core/event.ts";
import type { Attempt, AttemptHandlers, ResolvedRun, Runner, Task } from "../core/runner.ts";

/** One runner per kind of task. */
export type RunnerTable = { readonly [Kind in Task["kind"]]: Runner<Extract<Task, { kind: Kind }>> };

/** Starts a run with the runner of its kind. */
export function startAttempt(runners: RunnerTable, run: ResolvedRun, handlers: AttemptHandlers): Attempt {
  const runner = runners[run.task.kind] as Runner;
  return runner.start(run, handlers);
}

/** What a runner saw, as an event of this attempt. */
export function stampSignal(run: ResolvedRun, signal: AttemptSignal, time: string): RunEvent {
  const { session_id, run_id, attempt } = run;
  return { time, ...signal, session_id, run: run.run, run_id, attempt } as RunEvent;
}
