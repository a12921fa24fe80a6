import type { RunEvent } from "../../core/event/event.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { ResolvedRun, StateFolders } from "../../core/port/runner.ts";
import type { RunWarning } from "../../core/run.ts";
import type { ExecuteOptions } from "../../execute/execute-options.ts";
import type { Plan } from "../../plan/plan.ts";
import { watchSources } from "../prepare/watch-sources.ts";
import { verifyAttempts } from "../verify/verify-attempt.ts";
import type { EventSink } from "./record-events.ts";
import { warnTainted } from "./warn-tainted.ts";

/** Adds demands to the verification of attempts, as the feature that asked for the session makes them. */
export type Demand = (
  plan: Plan,
  verify: ExecuteOptions["verify"],
  registry: RegistryReader,
) => ExecuteOptions["verify"];

interface VerifyOptions {
  registry: RegistryReader;
  folders: StateFolders;
  sink: EventSink;
  clock: Clock;
  demand: Demand | undefined;
}

/** Verifies each attempt of a plan: what it saved, what it read, and what it is made of. */
export function verifyPlan(
  plan: Plan,
  { registry, folders, sink, clock, demand }: VerifyOptions,
): ExecuteOptions["verify"] {
  const emit = (event: RunEvent) => sink.emit([event]);
  const stamp = ({ session_id, run, run_id }: ResolvedRun) => {
    return { time: formatTime(clock.now()), session_id, run, run_id };
  };
  // Goes on record with the run, as its session's commit, changes and pins are not all that it may be made of.
  const onDoubt = (run: ResolvedRun, text: string) =>
    emit({ type: "run.noted", ...stamp(run), text: `${text}: its result is used, and not reused by later sessions` });
  const onWarning = (run: ResolvedRun, warning: RunWarning) =>
    emit({ type: "run.warned", ...stamp(run), attempt: run.attempt, ...warning });
  const verified = verifyAttempts(folders);
  const verify = watchSources(plan, demand?.(plan, verified, registry) ?? verified, onDoubt);
  return warnTainted(plan, verify, { registry, onWarning });
}
