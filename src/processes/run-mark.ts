import { readFileSync } from "node:fs";

/** The attempt of a command that a process was started for. A runweave within a run sets it anew for its own commands. */
export const RUN_ID_VARIABLE = "RUNWEAVE_RUN_ID";
/** The attempts that a process was started for, the outermost first: a runweave within a run adds its own. */
const ANCESTORS_VARIABLE = "RUNWEAVE_ANCESTORS";

/** No run_id has it. */
const SEPARATOR = ":";

/** What every process of an attempt finds in its environment, given that of the orchestrator. */
export function markRun(orchestrator: NodeJS.ProcessEnv, runId: string): Record<string, string> {
  const outer = [...(orchestrator[ANCESTORS_VARIABLE] ?? "").split(SEPARATOR), orchestrator[RUN_ID_VARIABLE] ?? ""];
  const ancestors = [...new Set([...outer, runId])].filter((each) => each !== "");
  return { [RUN_ID_VARIABLE]: runId, [ANCESTORS_VARIABLE]: ancestors.join(SEPARATOR) };
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
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
