import { statSync } from "node:fs";
import { readActivity } from "./activity.ts";
import { listPids } from "./group.ts";
import { listDescriptors, readProcText } from "./read-proc.ts";

/** A process that has something to do with a file, seen from outside. */
export interface FileUser {
  pid: number;
  /** Command line of the process, cut. */
  command: string;
  isStopped: boolean;
}

const MAX_COMMAND = 80;
/** `5: POSIX  ADVISORY  WRITE 1234 08:01:131090 120 120`, of /proc/locks. */
const LOCK = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(\d+)\s+\S+:(\d+)\s+(\d+)\s+(\d+|EOF)$/;

/** Finds the processes with a write lock on a byte of a file. Empty where the system does not tell. */
export function findLockers(path: string, byte: number): FileUser[] {
  const inode = statSync(path, { throwIfNoEntry: false })?.ino;
  return readLines("/proc/locks").flatMap((line) => {
    const [, pid, locked, first, last] = LOCK.exec(line) ?? [];
    const isHere = Number(locked) === inode && Number(first) <= byte && (last === "EOF" || byte <= Number(last));
    return isHere && Number(pid) > 0 ? [describe(Number(pid))] : [];
  });
}

/** Finds other processes that have one of these files open, as far as this user may see. Stopped ones come first. */
export function findOpeners(paths: readonly string[]): FileUser[] {
  const wanted = new Set(paths);
  const users = listPids()
    .filter((pid) => pid !== process.pid && listDescriptors(pid).some((path) => wanted.has(path)))
    .map(describe);
  return users.sort((a, b) => Number(b.isStopped) - Number(a.isStopped));
}

function describe(pid: number): FileUser {
  const command = readLines(`/proc/${pid}/cmdline`).join(" ").replaceAll("\0", " ").trim().slice(0, MAX_COMMAND);
  return { pid, command, isStopped: readActivity(pid)?.isStopped === true };
}

function readLines(path: string): string[] {
  return readProcText(path)?.split("\n") ?? [];
}
