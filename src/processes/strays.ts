import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { listPids } from "./group.ts";
import { bootId, isAlive, isRunning, type ProcessIdentity, readStat } from "./identity.ts";
import { signalProcess } from "./signals.ts";

const POLL_MS = 10;
/** One that forks while it is being ended shows up in the next look. */
const LOOKS = 3;

export interface StrayMark {
  /** Who started them, directly or not. It may have ended. */
  ancestor: ProcessIdentity;
  /** A variable that it was started with and that nobody else has with this value. */
  variable: readonly [name: string, value: string];
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

/** Empty where there is no /proc. */
export function listStrays({ ancestor, variable: [name, value] }: StrayMark): ProcessIdentity[] {
  const { pid: first, start_time } = ancestor;
  const boot_id = bootId();
  if (start_time === null || boot_id === null) return [];
  // Numbers go up, and begin again at the lowest only after the highest: most processes need no look.
  const isLater = lastPid() < first ? () => true : (pid: number) => pid > first;
  return listPids()
    .filter(isLater)
    .flatMap((pid) => {
      const stat = readStat(pid);
      if (stat === null || !isRunning(stat) || stat.startTime < start_time || stat.group === first) return [];
      return hasVariable(pid, `${name}=${value}`) ? [{ pid, start_time: stat.startTime, boot_id }] : [];
    });
}

function hasVariable(pid: number, assignment: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(assignment);
  } catch {
    // It has ended, or belongs to somebody else.
    return false;
  }
}

/** The number that was given out last. */
function lastPid(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").trim().split(" ").at(-1));
}
