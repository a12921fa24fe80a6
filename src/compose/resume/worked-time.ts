import type { RunEvent } from "../../core/event/event.ts";

/**
 * Measures how long processes have worked on a session, in milliseconds: each from its start to its last event. Time
 * without an owner does not count.
 */
export function measureWorked(events: Iterable<RunEvent>): number {
  let workedMs = 0;
  let period: { startMs: number; endMs: number } | null = null;
  for (const { type, time } of events) {
    const timeMs = Date.parse(time);
    if (type === "session.started" || type === "session.resumed") {
      workedMs += lengthOf(period);
      period = { startMs: timeMs, endMs: timeMs };
    } else if (period !== null) {
      period.endMs = Math.max(period.endMs, timeMs);
      if (type !== "session.finished") continue;
      workedMs += lengthOf(period);
      // Later events about a session, such as tags, are no work on it.
      period = null;
    }
  }
  return workedMs + lengthOf(period);
}

/** Zero for a clock that was set back. */
function lengthOf(period: { startMs: number; endMs: number } | null): number {
  return period === null ? 0 : period.endMs - period.startMs;
}
