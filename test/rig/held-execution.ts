import type { RunEvent } from "../../src/core/event/event.ts";
import { systemClock } from "../../src/core/port/clock.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { type ExecuteOptions, VERIFIED } from "../../src/execute/execute-options.ts";
import { executePlan } from "../../src/execute/execute-plan.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { ObedientRunner } from "./obedient-runner.ts";
import { plannedRun, planOf } from "./plans.ts";

/** A clock whose timers fire when the test says so. */
function heldClock() {
  const timers = new Map<number, () => void>();
  const clock = {
    now: () => 1e12,
    after: (delayMs: number, callback: () => void) => {
      timers.set(delayMs, callback);
      return () => timers.delete(delayMs);
    },
  };
  return { clock, fire: (delayMs: number) => timers.get(delayMs)?.(), timers };
}

/** A plan under way, whose runs do and whose timers fire as the test says. */
export function startExecution(runs: PlannedRun[], over: Partial<ExecuteOptions> = {}, runner = new ObedientRunner()) {
  const events: RunEvent[] = [];
  const ids = createIdSource(systemClock);
  const { clock, fire, timers } = heldClock();
  const done = executePlan({
    plan: planOf(runs),
    sessionId: ids.nextSessionId(),
    clock,
    ids,
    runners: { command: runner, kedro: runner as never, module: runner as never },
    maxParallel: 2,
    emit: (batch) => void events.push(...batch),
    verify: async () => VERIFIED,
    ...over,
  });
  const told = () => events.map((event) => ("run" in event ? `${event.run} ${event.type}` : event.type));
  return { runner, events, done, told, fire, timers };
}

/** How each run ended, as `train failed`. */
export const describeEnds = (outcomes: { run: string; status: string }[]) =>
  outcomes.map(({ run, status }) => `${run} ${status}`);

/** `train` consumes what `prep` writes. */
export const chain = () => [
  plannedRun("prep", { writes: ["table"] }),
  plannedRun("train", { consumes: { data: { run: "prep", dataset: "table", as: "upstream" } } }),
];
