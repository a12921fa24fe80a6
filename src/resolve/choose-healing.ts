import { isDone, type RunStatus } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun, ReplayAction } from "../plan/plan.ts";

/** Facts that decide which runs of a session are executed to heal it. */
export interface HealingQuestion {
  /** Status of the run in the session. */
  statusOf(run: string): RunStatus;
  /** Attempt of the run in the session; null if there is none. */
  attemptOf(run: string): RunId | null;
  /** Fault of the run's result, if it is bad and to be healed: it is tainted itself, or it read these bad datasets. */
  faultOfRun(run: string): { isTainted: boolean; read: readonly string[] } | null;
  /** The attempt that stands for it since it was healed elsewhere, or null. */
  healedBy(run: string): RunId | null;
  /** True if another session is to heal the run's result, and does so first. */
  isPending(run: string): boolean;
  /** True if the run can't be executed again as things are, and so stays as it is. */
  isStuck(run: string): boolean;
}

export interface HealingChoice {
  /** `leave`: the run had no result and is not bad, so it is not part of the healing. */
  action: ReplayAction | "leave";
  /** The attempt that is linked, or was to be; null if there is none. */
  run_id: RunId | null;
  /** Reason, as a clause for people. */
  reason: string;
}

/**
 * The smallest set of runs that makes a session good: those that saved what is tainted, and those that read what is bad, unless
 * it comes out equal. What had not succeeded is executed if it waits for one of those; all else is linked as it is. Runs are
 * in plan order.
 */
export function chooseHealing(
  runs: readonly Pick<PlannedRun, "run" | "needs">[],
  question: HealingQuestion,
): Map<string, HealingChoice> {
  const choices = new Map<string, HealingChoice>();
  for (const planned of runs) choices.set(planned.run, choose(planned, { ...question, choices }));
  return choices;
}

function choose(
  planned: Pick<PlannedRun, "run" | "needs">,
  question: HealingQuestion & { choices: ReadonlyMap<string, HealingChoice> },
): HealingChoice {
  const { run } = planned;
  const run_id = question.attemptOf(run);
  const isStuck = question.isStuck(run);
  if (!isDone(question.statusOf(run)) || run_id === null) return isStuck ? LEFT : chooseOpen(planned, question.choices);
  const healed = question.healedBy(run);
  if (healed !== null) return { action: "link", run_id: healed, reason: `${healed} replaces its result` };
  if (question.isPending(run)) return { action: "link", run_id, reason: "another session heals its result" };
  const fault = question.faultOfRun(run);
  if (fault === null) return { action: "link", run_id, reason: "nothing that it read is bad" };
  if (isStuck) return { action: "link", run_id, reason: "it can't be run again, and stays bad" };
  if (fault.isTainted) return { action: "run", run_id, reason: "what it saved is tainted" };
  const read = `it read ${fault.read.join(", ")}, which ${fault.read.length === 1 ? "is" : "are"} bad`;
  return { action: "compare", run_id, reason: `${read}: runs only if its inputs change` };
}

const LEFT: HealingChoice = {
  action: "leave",
  run_id: null,
  reason: "it had not succeeded, and nothing of it is bad",
};

/**
 * Corrects a choice for a run with a read that runweave can't see, told as a clause: it can't come out equal. Null if
 * every read is known.
 */
export function applyObstacle(choice: HealingChoice, obstacle: string | null): HealingChoice {
  if (choice.action !== "compare" || obstacle === null) return choice;
  return { ...choice, action: "run", reason: `what it read is bad, and ${obstacle}` };
}

/** Chooses for a run that has no result to link. */
function chooseOpen({ needs }: Pick<PlannedRun, "needs">, choices: ReadonlyMap<string, HealingChoice>): HealingChoice {
  const actions = needs.map((need) => choices.get(need)?.action ?? "leave");
  if (actions.includes("leave") || !actions.some((action) => action !== "link")) return LEFT;
  return { action: "run", run_id: null, reason: "it has not succeeded yet, and waits for what is healed" };
}
