import { readProcText } from "./read-proc.ts";

/** Identity of a process, now and after a reboot. Nulls where the system has no /proc. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot. */
  start_time: number | null;
  boot_id: string | null;
}

/** One process as /proc shows it. */
export interface ProcessStat {
  state: string;
  group: number;
  session: number;
  /** True while the kernel ends the process, and frees its memory and files: it needs no signal. */
  isExiting: boolean;
  /** A thread of the kernel, which has no program. */
  isKernel: boolean;
  startTime: number;
  /** An address; 0 while the process changes its program, and to other users. */
  environmentStart: number;
}

const STATE = 0;
const GROUP = 2;
const SESSION = 3;
const FLAGS = 6;
const START_TIME = 19;
const ENVIRONMENT_START = 47;
/** `PF_EXITING` of include/linux/sched.h. */
const EXITING = 0x4;
/** `PF_KTHREAD` of the same. */
const KERNEL = 0x200000;
const DEAD_STATES = new Set(["Z", "X", "x"]);

let cachedBootId: string | null | undefined;

/** The id of this boot of the machine; null where there is no /proc. */
export function bootId(): string | null {
  cachedBootId ??= readProcText("/proc/sys/kernel/random/boot_id")?.trim() ?? null;
  return cachedBootId;
}

/** Parses a line of /proc/PID/stat. The command in it may hold blanks and parentheses: fields count from the last `)`. */
export function parseStat(line: string): ProcessStat | null {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const state = fields[STATE];
  const group = Number(fields[GROUP]);
  const session = Number(fields[SESSION]);
  const flags = Number(fields[FLAGS]);
  const startTime = Number(fields[START_TIME]);
  if (state === undefined || ![group, session, flags, startTime].every(Number.isInteger)) return null;
  const isExiting = (flags & EXITING) !== 0;
  const environmentStart = Number(fields[ENVIRONMENT_START] ?? 0);
  return { state, group, session, isExiting, isKernel: (flags & KERNEL) !== 0, startTime, environmentStart };
}

/** Null if there is no such process, or no /proc. */
export function readStat(pid: number): ProcessStat | null {
  const line = readProcText(`/proc/${pid}/stat`);
  return line === null ? null : parseStat(line);
}

/** True unless the process is a zombie: over, but not yet waited for. */
export function isRunning(stat: ProcessStat): boolean {
  return !DEAD_STATES.has(stat.state);
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, start_time: readStat(pid)?.startTime ?? null, boot_id: bootId() };
}

let self: ProcessIdentity | undefined;

/** The identity of the process that asks. It never changes, so it is read once. */
export function identifySelf(): ProcessIdentity {
  self ??= identifyProcess(process.pid);
  return self;
}

/** Tells if this very process still runs; `unknown` where an identity has no start time or its boot can't be told. */
export function checkProcess(identity: ProcessIdentity): "alive" | "gone" | "unknown" {
  const boot = bootId();
  if (boot === null || identity.boot_id === null || identity.start_time === null) {
    return exists(identity.pid) ? "unknown" : "gone";
  }
  if (identity.boot_id !== boot) return "gone";
  const stat = readStat(identity.pid);
  return stat !== null && stat.startTime === identity.start_time && isRunning(stat) ? "alive" : "gone";
}

export function isAlive(identity: ProcessIdentity): boolean {
  return checkProcess(identity) === "alive";
}

/** Reads an identity out of a file's JSON; null if it is none. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== "object" || value === null) return null;
  const { pid, start_time = null, boot_id = null } = value as Record<string, unknown>;
  if (!isCount(pid) || pid < 2) return null;
  if (start_time !== null && !isCount(start_time)) return null;
  if (boot_id !== null && typeof boot_id !== "string") return null;
  return { pid, start_time, boot_id };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
