import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { listPids } from "./group.ts";
import { bootId, isAlive, isRunning, type ProcessIdentity, type ProcessStat, readStat } from "./identity.ts";
import { carriesMark } from "./run-mark.ts";
import { signalProcess } from "./signals.ts";

const POLL_MS = 10;
/** One that forks while it is being ended shows up in the next look. */
const LOOKS = 3;
/** Unit of start times, the same on every Linux. */
const TICKS_PER_SECOND = 100;
const YOUNG_TICKS = 10 * TICKS_PER_SECOND;

export interface StrayMark {
  /** The attempt that they were started for, as their environment says. */
  runId: string;
  /** Started all of them, directly or not; it may have ended. Its own process group is left out. Else every process counts. */
  ancestor?: ProcessIdentity | null;
}

/**
 * Ends what has left the process group of its ancestor, as a session of its own does: found by the environment that it
 * inherited. SIGTERM, then SIGKILL after `graceMs`. Returns how many it found.
 */
export async function endStrays(mark: StrayMark, graceMs: number): Promise<number> {
  let found = 0;
  for (let look = 0; look < LOOKS; look++) {
    const strays = listStrays(mark);
    if (strays.length === 0) break;
    found += strays.length;
    for (const stray of strays) signalProcess(stray, "SIGTERM");
    const end = performance.now() + graceMs;
    while (strays.some(isAlive) && performance.now() < end) await delay(POLL_MS);
    for (const stray of strays) signalProcess(stray, "SIGKILL");
  }
  return found;
}

/** Lists strays, never the process that asks. Empty where there is no /proc. */
export function listStrays({ runId, ancestor = null }: StrayMark): ProcessIdentity[] {
  const boot_id = bootId();
  if (boot_id === null) return [];
  const pids = listPids();
  return pids.filter(isCandidate(ancestor)).flatMap((pid) => {
    const stat = readStat(pid);
    if (stat === null || !isRunning(stat) || !isStray(stat, ancestor)) return [];
    return carriesMark(pid, runId) ? [{ pid, start_time: stat.startTime, boot_id }] : [];
  });
}

/**
 * Numbers go up, and begin again at the lowest only after the highest: for a while most processes need no look. To be called when the
 * processes have been listed: what has a number above the last one is from before the numbers began again.
 */
function isCandidate(ancestor: ProcessIdentity | null): (pid: number) => boolean {
  const [first, last] = [ancestor?.pid ?? 0, lastPid()];
  const isAny = ancestor === null || !isYoung(ancestor) || last < first;
  return (pid) => pid !== process.pid && (isAny || (pid > first && pid <= last));
}

/** True if the process is so young that its pid can't have been given out again since. */
function isYoung({ start_time }: ProcessIdentity): boolean {
  const upTicks = Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * TICKS_PER_SECOND;
  return start_time !== null && upTicks - start_time < YOUNG_TICKS;
}

function isStray(stat: ProcessStat, ancestor: ProcessIdentity | null): boolean {
  if (ancestor === null) return true;
  return ancestor.start_time !== null && stat.startTime >= ancestor.start_time && stat.group !== ancestor.pid;
}

/** The number that was given out last. */
function lastPid(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").trim().split(" ").at(-1));
}
