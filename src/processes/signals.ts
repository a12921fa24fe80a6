import { setTimeout as delay } from "node:timers/promises";
import { listGroupMembers } from "./group.ts";
import { bootId, identifyProcess, isAlive, type ProcessIdentity, readStat } from "./identity.ts";

const POLL_MS = 10;

/** Signals one process if it is still the one meant. True if the signal was sent. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(identity) && send(identity.pid, signal);
}

/**
 * Signals the process group that `leader` leads or led, if it is still that group, and those that left it for a group of
 * their own. A group outlives its leader, and its number is not given out again while one member is left.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isSameGroup(leader)) return false;
  const members = listGroupMembers(new Set([leader.pid])).get(leader.pid) ?? [];
  const strays = members.filter((pid) => (readStat(pid)?.group ?? leader.pid) !== leader.pid);
  const isSent = send(-leader.pid, signal);
  return strays.reduce((sent, pid) => send(pid, signal) || sent, isSent);
}

/** Counts the processes of the group that still run. */
export function countGroup(leader: ProcessIdentity): number {
  return listMembers(leader).length;
}

/** The processes of the group that still run. */
export function listGroup(leader: ProcessIdentity): ProcessIdentity[] {
  return listMembers(leader).map(identifyProcess);
}

/**
 * Ends what is left of a process group: SIGTERM, then SIGKILL after `graceMs`. Resolves when no process of it runs, or a
 * second after SIGKILL, which only a process stuck in the kernel outlives. Returns how many it found that were not ending by
 * themselves.
 */
export async function endGroup(leader: ProcessIdentity, graceMs: number): Promise<number> {
  const members = listMembers(leader);
  if (members.length === 0) return 0;
  const found = members.filter((pid) => readStat(pid)?.isExiting === false).length;
  signalGroup(leader, "SIGTERM");
  if (!(await waitForGroup(leader, graceMs))) {
    signalGroup(leader, "SIGKILL");
    await waitForGroup(leader, 1_000);
  }
  return found;
}

function listMembers(leader: ProcessIdentity): number[] {
  if (!hasGroup(leader.pid) || !isSameGroup(leader)) return [];
  return listGroupMembers(new Set([leader.pid])).get(leader.pid) ?? [];
}

async function waitForGroup(leader: ProcessIdentity, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (countGroup(leader) > 0) {
    if (performance.now() > end) return false;
    await delay(POLL_MS);
  }
  return true;
}

function isSameGroup(leader: ProcessIdentity): boolean {
  if (leader.start_time === null || leader.boot_id === null || leader.boot_id !== bootId()) return false;
  const stat = readStat(leader.pid);
  return stat === null || stat.startTime === leader.start_time;
}

/** Much cheaper than a walk through /proc; counts zombies. */
function hasGroup(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
