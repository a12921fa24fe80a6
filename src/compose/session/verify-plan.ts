import { type Clock, formatTime } from "../../core/clock.ts";
import type { ResolvedRun, StateFolders } from "../../core/runner.ts";
import type { ExecuteOptions } from "../../execute/execute-options.ts";
import type { Plan } from "../../plan/plan.ts";
import { refuseSame } from "../heal/refuse-same.ts";
import { watchSources } from "../prepare/watch-sources.ts";
import { verifyAttempts } from "../verify/verify-attempt.ts";
import type { EventSink } from "./record-events.ts";

interface VerifyOptions {
  folders: StateFolders;
  sink: EventSink;
  clock: Clock;
}

/** Verifies each attempt of a plan: what it saved, what it read, and what it is made of. */
export function verifyPlan(plan: Plan, { folders, sink, clock }: VerifyOptions): ExecuteOptions["verify"] {
  return watchSources(plan, refuseSame(plan, verifyAttempts(folders)), noteDoubt(sink, clock));
}

/** On record with the run, as its session's commit, changes and pins are not all that it may be made of. */
function noteDoubt(sink: EventSink, clock: Clock) {
  return ({ session_id, run, run_id }: ResolvedRun, text: string): void =>
    sink.emit([{ type: "run.noted", time: formatTime(clock.now()), session_id, run, run_id, text }]);
}
