import { readFileSync } from "node:fs";
import { readStat } from "./identity.ts";

/** The attempt of a command that a process was started for. A runweave within a run sets it anew for its own commands. */
export const RUN_ID_VARIABLE = "RUNWEAVE_RUN_ID";
/** The attempts that a process was started for, the outermost first: a runweave within a run adds its own. */
const ANCESTORS_VARIABLE = "RUNWEAVE_ANCESTORS";

/** No run_id has it. */
const SEPARATOR = ":";
/** A process begins its program within microseconds, unless it is stopped or the machine is very busy. */
const LOOKS = 1_000;
const EMPTY_LOOKS = 3;
/** No run_id is longer. */
const ROOM = "-".repeat(64);

/** Returns the variables that mark every process of an attempt, given the orchestrator's environment. */
export function markRun(orchestrator: NodeJS.ProcessEnv, runId: string): Record<string, string> {
  return { [RUN_ID_VARIABLE]: runId, ...nameAncestors(orchestrator, runId) };
}

/**
 * Returns the variables of a Kedro worker, with room for the run_id of each child that it forks. In /proc, only this
 * room can show the run_id of a forked child.
 */
export function leaveRoomForMark(orchestrator: NodeJS.ProcessEnv): Record<string, string> {
  return nameAncestors(orchestrator, ROOM);
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

/** Empty for a process that has ended, or belongs to another user. */
function readEnvironment(pid: number): string {
  try {
    // The process may have begun its program between the two looks: only an environment that stays empty counts.
    for (let look = 0, empty = 0; look < LOOKS && empty < EMPTY_LOOKS; look++) {
      const text = readFileSync(`/proc/${pid}/environ`, "utf8");
      if (text !== "") return text;
      empty = isBeginningProgram(pid) ? 0 : empty + 1;
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
