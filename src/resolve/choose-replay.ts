import { isDone, type RunStatus } from "../core/run.ts";
import { listUpstream } from "../core/select-reads.ts";
import { listFew } from "../core/text/list-few.ts";
import type { PlannedRun, ReplayAction } from "../plan/plan.ts";

/** Facts that decide which runs of a session a replay executes. */
export interface ReplayQuestion {
  /** Runs that are executed in any case, and the reason, as a clause. */
  changed: ReadonlyMap<string, string>;
  /** Status of the run in the session. */
  statusOf(run: string): RunStatus;
  /** Read of the run that runweave can't see, as a clause; null if every read is known. */
  obstacleOf(run: string): string | null;
}

export interface ReplayChoice {
  action: ReplayAction;
  /** Reason, as a clause for people. */
  reason: string;
}

/**
 * Chooses the runs that a change touches: the changed runs, those that had not succeeded, and all downstream of them. A
 * downstream run is compared once its reads are known, unless it has a read that runweave can't see. Runs are in plan
 * order.
 */
export function chooseReplay(runs: readonly PlannedRun[], question: ReplayQuestion): Map<string, ReplayChoice> {
  const choices = new Map<string, ReplayChoice>();
  for (const planned of runs) choices.set(planned.run, choose(planned, { choices, ...question }));
  return choices;
}

function choose(
  { run, needs }: PlannedRun,
  { choices, changed, statusOf, obstacleOf }: ReplayQuestion & { choices: ReadonlyMap<string, ReplayChoice> },
): ReplayChoice {
  const change = changed.get(run);
  if (change !== undefined) return { action: "run", reason: change };
  const status = statusOf(run);
  if (!isDone(status)) return { action: "run", reason: DUE[status] };
  const touched = needs.filter((need) => (choices.get(need)?.action ?? "link") !== "link");
  if (touched.length === 0) return { action: "link", reason: "nothing that it depends on changes" };
  const obstacle = obstacleOf(run);
  if (obstacle !== null) return { action: "run", reason: `${listFew(touched)} may be executed, and ${obstacle}` };
  return { action: "compare", reason: `runs only if the output of ${listFew(touched)} changes` };
}

const DUE: Readonly<Record<Exclude<RunStatus, "success" | "reused">, string>> = {
  pending: "it had not begun",
  running: "it had not ended",
  failed: "it had failed",
  skipped: "it was skipped",
  cancelled: "it was cancelled",
};

/** Lists the runs that a run waits for by `needs` alone, without consuming from them. */
export function listOrderNeeds(run: PlannedRun, named: ReadonlyMap<string, string>): string[] {
  const { needs, definition } = run;
  const consumed = new Set(listUpstream(run));
  // A run that runs at the end in any case names no needs and waits for all.
  const names = new Set(definition.needs);
  const isWanted = (need: string) => names.size === 0 || names.has(named.get(need) ?? need);
  return needs.filter((need) => !consumed.has(need) && isWanted(need));
}
