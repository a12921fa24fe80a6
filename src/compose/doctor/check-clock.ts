import { formatTime } from "../../core/port/clock.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { type Finding, findingWarn } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** Difference that sessions recorded at the same time by several processes may have, in milliseconds. */
const TOLERANCE_MS = 60_000;

/** Warns of a session that began at a later time than the one recorded last: the clock was ahead then, or put back after it. */
export function checkClock({ registry }: StatePlace): Finding[] {
  const [newest] = registry.listSessions({ limit: 1 });
  if (newest === undefined) return [];
  const since = formatTime(Date.parse(newest.start_time) + TOLERANCE_MS);
  const [ahead] = registry.listSessions({ since, limit: 1 });
  if (ahead === undefined) return [];
  const times = [ahead, newest].map(({ session_id, start_time }) => `${session_id}, of ${formatLocalTime(start_time)}`);
  const detail = `the clock was ahead at session ${times[0]}: it was recorded before session ${times[1]}`;
  return [findingWarn("clock", detail, HINT)];
}

const HINT =
  "check the clock; runweave goes by the order of its records, but Kedro takes a version with a later time in its name for newer";
