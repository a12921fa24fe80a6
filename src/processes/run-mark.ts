import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { identifySelf, type ProcessIdentity, readStat } from "./identity.ts";
import { readProcLink } from "./read-proc.ts";

/** The attempt of a command that a process was started for. A runweave within a run sets it anew for its own commands. */
export const RUN_ID_VARIABLE = "RUNWEAVE_RUN_ID";
/** The attempts that a process was started for, the outermost first: a runweave within a run adds its own. */
const ANCESTORS_VARIABLE = "RUNWEAVE_ANCESTORS";

/** The orchestrator that a Kedro worker was started by. Its children show it too, though with the mark of an attempt. */
const ORCHESTRATOR_VARIABLE = "RUNWEAVE_ORCHESTRATOR";

/** No run_id has it. */
const SEPARATOR = ":";
/** A process begins its program within microseconds, unless it is stopped or has to wait for a processor. */
const LOOKS = 500;
const PAUSE_MS = 1;
const EMPTY_LOOKS = 3;
/** Never changes: waiting for it is a pause. */
const cell = new Int32Array(new SharedArrayBuffer(4));
/** No run_id is longer. */
const ROOM = "-".repeat(64);

/** Returns the variables that mark every process of an attempt, given the orchestrator's environment. */
export function markRun(orchestrator: NodeJS.ProcessEnv, runId: string): Record<string, string> {
  return { [RUN_ID_VARIABLE]: runId, ...nameAncestors(orchestrator, runId) };
}

/**
 * Returns the variables that mark a Kedro worker of this process, with room for the run_id of each child that it forks. In /proc,
 * only this room can show the run_id of a forked child.
 */
export function markWorker(orchestrator: NodeJS.ProcessEnv): Record<string, string> {
  return { ...nameAncestors(orchestrator, ROOM), [ORCHESTRATOR_VARIABLE]: formatIdentity(identifySelf()) };
}

/** Whether these are the variables of a process that is part of an attempt. */
export function isWithinRun(environment: NodeJS.ProcessEnv): boolean {
  return Boolean(environment[RUN_ID_VARIABLE] || environment[ANCESTORS_VARIABLE]);
}

/**
 * Tells whether a process is a Kedro worker that this orchestrator has started, or any if none is given: none of its children, which
 * carry a run_id, and none of another user, whose environment root can read too.
 */
export function isWorker(pid: number, orchestrator?: ProcessIdentity): boolean {
  if (!isOfThisUser(pid)) return false;
  const assignments = readEnvironment(pid).split("\0");
  const isFree = assignments.some((each) => each.startsWith(`${ANCESTORS_VARIABLE}=`) && each.endsWith(ROOM));
  const name = `${ORCHESTRATOR_VARIABLE}=`;
  const starter = assignments.find((each) => each.startsWith(name))?.slice(name.length);
  return isFree && starter !== undefined && (orchestrator === undefined || starter === formatIdentity(orchestrator));
}

function isOfThisUser(pid: number): boolean {
  const found = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.getuid?.();
}

function formatIdentity({ pid, start_time, boot_id }: ProcessIdentity): string {
  return [pid, start_time, boot_id].join(SEPARATOR);
}

function nameAncestors(orchestrator: NodeJS.ProcessEnv, last: string): Record<string, string> {
  const outer = [...(orchestrator[ANCESTORS_VARIABLE] ?? "").split(SEPARATOR), orchestrator[RUN_ID_VARIABLE] ?? ""];
  const ancestors = [...new Set([...outer, last])].filter((each) => each !== "");
  return { [ANCESTORS_VARIABLE]: ancestors.join(SEPARATOR) };
}

/** Tells whether a process was started for an attempt, directly or by a runweave within it. */
export function carriesMark(pid: number, runId: string): boolean {
  const text = readEnvironment(pid);
  if (!text.includes(runId)) return false;
  return text.split("\0").some((assignment) => {
    const [name, ...value] = assignment.split("=");
    if (name === RUN_ID_VARIABLE) return value.join("=") === runId;
    return name === ANCESTORS_VARIABLE && value.join("=").split(SEPARATOR).includes(runId);
  });
}

/** Descriptors of the streams that the first process of an attempt writes to its log. */
const OUTPUT_STREAMS = [1, 2];

/**
 * Tells whether a process is one of an attempt: by its mark, or by its output that goes to the attempt's log, as a program that
 * renames its process writes over the mark. Neither can be put on a process from outside.
 */
export function showsAttempt(pid: number, runId: string): boolean {
  if (carriesMark(pid, runId)) return true;
  return OUTPUT_STREAMS.some((fd) => basename(readProcLink(`/proc/${pid}/fd/${fd}`) ?? "") === `run_${runId}.log`);
}

/** Empty for a process that has ended, or belongs to another user. */
function readEnvironment(pid: number): string {
  try {
    // The process may have begun its program between the two looks: only an environment that stays empty counts.
    for (let look = 0, empty = 0; look < LOOKS && empty < EMPTY_LOOKS; look++) {
      const text = readFileSync(`/proc/${pid}/environ`, "utf8");
      if (text !== "") return text;
      empty = isBeginningProgram(pid) ? 0 : empty + 1;
      // Leaves the processor to it: it may be the only one.
      if (empty === 0) Atomics.wait(cell, 0, 0, PAUSE_MS);
    }
  } catch {
    // The process has ended meanwhile.
  }
  return "";
}

/** True for the moment in which a process changes its program and shows no environment, neither the former nor the next. */
function isBeginningProgram(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.environmentStart === 0 && !stat.isKernel && !stat.isExiting;
}
