import type { FaultRule, Moment } from "../../core/answer/fault.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Faults of a whole session. */
export interface SessionFaults {
  readonly interrupt: AbortSignal;
  readonly kill: AbortSignal;
  readonly hasCrashed: boolean;
  /** Called before every write is stored, and after it. */
  beforeWrite(): void;
  afterWrite(events: readonly RunEvent[]): void;
}

const ENDS: ReadonlySet<RunEvent["type"]> = new Set(["run.succeeded", "run.failed", "run.skipped", "run.cancelled"]);

/** Sets off those rules of a script that are about the session and not about a run. */
export function watchSessionFaults(rules: readonly FaultRule[], clock: VirtualClock): SessionFaults {
  const [interrupt, kill] = [new AbortController(), new AbortController()];
  const counts = { runs: 0, writes: 0 };
  const state = { hasCrashed: false };
  const strike = (rule: FaultRule): void => {
    if (rule.kind === "interrupt") interrupt.abort();
    else if (rule.kind === "kill") kill.abort();
    else if (rule.kind === "crash") state.hasCrashed = true;
    else if (rule.kind === "clock") clock.setBy(rule.byMs);
  };
  let waiting = rules.filter((rule) => "moment" in rule);
  for (const rule of waiting) if ("atMs" in rule.moment) clock.after(rule.moment.atMs, () => strike(rule));
  const strikeThose = (isDue: (moment: Moment) => boolean): void => {
    const due = waiting.filter(({ moment }) => isDue(moment));
    waiting = waiting.filter((rule) => !due.includes(rule));
    // The fault strikes later: the caller is in the middle of a write.
    for (const rule of due) {
      if (rule.kind === "crash") strike(rule);
      else clock.after(0, () => strike(rule));
    }
  };
  return {
    interrupt: interrupt.signal,
    kill: kill.signal,
    get hasCrashed() {
      return state.hasCrashed;
    },
    beforeWrite() {
      counts.writes += 1;
      strikeThose((moment) => "beforeWrite" in moment && moment.beforeWrite === counts.writes);
    },
    afterWrite(events) {
      for (const event of events) if (ENDS.has(event.type) && !isRetried(event)) counts.runs += 1;
      strikeThose(
        (moment) =>
          ("afterRuns" in moment && moment.afterRuns <= counts.runs) ||
          ("afterWrites" in moment && moment.afterWrites === counts.writes),
      );
    },
  };
}

function isRetried(event: RunEvent): boolean {
  return event.type === "run.failed" && event.will_retry_at !== null;
}
