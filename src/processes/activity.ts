import { readFileSync } from "node:fs";
import { listChildren } from "./living-children.ts";

const STATE = 0;
/** utime, stime, and of children that were waited for likewise. */
const [FIRST_TICKS, LAST_TICKS] = [11, 15];
const STOPPED = "T";

/** Activity of a process, seen from outside. */
export interface Activity {
  /** True if it was stopped by SIGSTOP: it stands still until it gets SIGCONT. */
  isStopped: boolean;
  /** Processor time of it and its children, in clock ticks: the same again if they only wait. */
  ticks: number;
}

/** Null if there is no such process, or no /proc. */
export function readActivity(pid: number): Activity | null {
  const own = readFields(pid);
  if (own === null) return null;
  const all = [own, ...listChildren(pid).flatMap((child) => readFields(child) ?? [])];
  return { isStopped: own.state === STOPPED, ticks: all.reduce((sum, { ticks }) => sum + ticks, 0) };
}

function readFields(pid: number): { state: string; ticks: number } | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command may hold blanks and parentheses.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const times = fields.slice(FIRST_TICKS, LAST_TICKS).map(Number);
    return { state: fields[STATE] ?? "", ticks: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return null;
  }
}
