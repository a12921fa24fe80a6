import { isDone, type RunStatus } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { PlannedRun, ReplayAction } from "../plan/plan.ts";

/** What decides which runs of a session are executed to heal it. */
export interface HealingQuestion {
  /** What the session had come to. */
  statusOf(run: string): RunStatus;
  /** What the run came to; null if to nothing. */
  attemptOf(run: string): RunId | null;
  /** Whether what it came to is bad and to be healed: as it is tainted itself, or for what it read, of which datasets. */
  woundOf(run: string): { isTainted: boolean; read: readonly string[] } | null;
  /** The attempt that stands for it since it was healed elsewhere, or null. */
  healedBy(run: string): RunId | null;
  /** Whether another session is to heal what it came to, and does so first. */
  isPending(run: string): boolean;
  /** Whether it can't be executed again as things are, and so stays as it is. */
  isStuck(run: string): boolean;
}

export interface HealingChoice {
  /** `leave`: it had come to nothing, and nothing of it is bad, so it is not part of the healing. */
  action: ReplayAction | "leave";
  /** The attempt that is linked, or was to be; null if there is none. */
  run_id: RunId | null;
  /** As a clause for people. */
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
  const wound = question.woundOf(run);
  if (wound === null) return { action: "link", run_id, reason: "nothing that it read is bad" };
  if (isStuck) return { action: "link", run_id, reason: "it can't be run again, and stays bad" };
  if (wound.isTainted) return { action: "run", run_id, reason: "what it saved is tainted" };
  const read = `it read ${wound.read.join(", ")}, which ${wound.read.length === 1 ? "is" : "are"} bad`;
  return { action: "compare", run_id, reason: `${read}: runs only if its inputs change` };
}

const LEFT: HealingChoice = {
  action: "leave",
  run_id: null,
  reason: "it had not succeeded, and nothing of it is bad",
};

/** What a run reads and nobody can see, as a clause, can't come out equal; null if everything that it reads is known. */
export function heedObstacle(choice: HealingChoice, obstacle: string | null): HealingChoice {
  if (choice.action !== "compare" || obstacle === null) return choice;
  return { ...choice, action: "run", reason: `what it read is bad, and ${obstacle}` };
}

/** It has nothing that could be linked. */
function chooseOpen({ needs }: Pick<PlannedRun, "needs">, choices: ReadonlyMap<string, HealingChoice>): HealingChoice {
  const actions = needs.map((need) => choices.get(need)?.action ?? "leave");
  if (actions.includes("leave") || !actions.some((action) => action !== "link")) return LEFT;
  return { action: "run", run_id: null, reason: "it had not succeeded on bad data" };
}
