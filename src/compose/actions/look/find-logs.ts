import type { RegistryReader } from "../../../core/port/registry.ts";
import { type Fallback, findNamed, listFallbacks } from "../../../explain/find/find-named.ts";
import { findStartedRun, listStartedRuns } from "../../../explain/find/find-run.ts";
import type { StartedRun } from "../../../explain/find/read-named-run.ts";
import { attemptLog } from "../../../versions/layout.ts";
import type { StateLocation } from "../../locate-state.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";

/** The log of an attempt; the file may be missing. */
export interface FoundLog {
  run: StartedRun;
  /** Absolute. */
  file: string;
}

/** Finds the log of a run, or those of a session's runs in plan order. Throws ExplainError if there is none of that name. */
export function findLogs(
  address: StateAddress,
  { id, session }: { id: string; session?: string | undefined },
  context: ActionContext = {},
): { logs: FoundLog[]; fallbacks: Fallback[] } {
  return readRegistry(address, context, (reader, state) => {
    const runs = listRunsOf(reader, id, session);
    // A session with one run is shown like that run.
    if (runs.length > 1) return { logs: runs.map((run) => locateLog(state, run)), fallbacks: [] };
    const { run, fallback } = reportFound(context, findStartedRun(reader, id, { session }));
    return { logs: [locateLog(state, run)], fallbacks: listFallbacks(fallback) };
  });
}

/** Lists the started runs of a session; none for another word. */
function listRunsOf(reader: RegistryReader, id: string, session: string | undefined): StartedRun[] {
  const named = findNamed(reader, id, { takes: "run", session });
  return named.kind === "session" ? listStartedRuns(reader, named.sessionId) : [];
}

function locateLog(state: StateLocation, run: StartedRun): FoundLog {
  return { run, file: attemptLog(state, run.run_id) };
}
