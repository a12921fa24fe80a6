import { readdirSync, readFileSync } from "node:fs";
import { isRunning, readStat } from "./identity.ts";

/**
 * The running processes of each of these process groups, with those that left one for a group of their own, as `timeout` does:
 * they are still of the session that its leader began.
 */
export function listGroupMembers(groups: ReadonlySet<number>): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (const pid of listPids()) {
    const stat = readStat(pid);
    if (stat === null || !isRunning(stat)) continue;
    const group = groups.has(stat.group) ? stat.group : stat.session;
    if (!groups.has(group)) continue;
    const pids = members.get(group);
    if (pids === undefined) members.set(group, [pid]);
    else pids.push(pid);
  }
  return members;
}

/** The memory that a process has now, in bytes; 0 if it is gone. */
export function residentBytes(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Lists the pids of all processes; empty where there is no /proc. */
export function listPids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
