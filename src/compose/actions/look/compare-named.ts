import { RefusalError } from "../../../core/error/refusal-error.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { SessionRecord } from "../../../core/run.ts";
import type { RunId } from "../../../core/run-id.ts";
import { type Fallback, findNamed, findSessionById, listFallbacks } from "../../../explain/find/find-named.ts";
import { findStartedRun } from "../../../explain/find/find-run.ts";
import { findTarget } from "../../../explain/find/read-target.ts";
import { type Comparison, compareRuns, compareSessions } from "../../compare-runs.ts";
import { type ActionContext, readRegistryAsync, reportFound, type StateAddress } from "../context.ts";

/** Two sessions, or two runs, as a user names them. */
export interface CompareRequest {
  a: string;
  b: string;
  /** Session in which names of runs are looked for. */
  session?: string | undefined;
}

/**
 * Compares two sessions, or two runs with all that they were made of. Throws RefusalError for a run and a session,
 * ExplainError if there is none of a name.
 */
export async function compareNamed(
  address: StateAddress,
  { a, b, session }: CompareRequest,
  context: ActionContext = {},
): Promise<Comparison & { fallbacks: Fallback[] }> {
  return await readRegistryAsync(address, context, async (reader, state) => {
    const [left, right] = [a, b].map((word) => reportFound(context, findSide(reader, word, session))) as [Side, Side];
    const fallbacks = listFallbacks(left.fallback, right.fallback);
    if (left.session !== null && right.session !== null)
      return { ...(await compareSessions(reader, state, { a: left.session, b: right.session })), fallbacks };
    if (left.runId !== null && right.runId !== null)
      return { ...(await compareRuns(reader, state, { a: left.runId, b: right.runId })), fallbacks };
    throw new RefusalError("unlike", "a run and a session can't be compared", "name two runs, or two sessions");
  });
}

/** One of `session` and `runId` is null. */
interface Side {
  session: SessionRecord | null;
  runId: RunId | null;
  fallback: Fallback | null;
}

/** Finds the session or run that a word stands for. `within` applies to names only: an id needs no session. */
function findSide(reader: RegistryReader, word: string, within: string | undefined): Side {
  const isName = reader.runsNamed(word).length > 0 || findTarget(reader, word) !== null;
  const session = isName ? within : undefined;
  const named = findNamed(reader, word, { takes: "both", session });
  if (named.kind === "session")
    return { session: findSessionById(reader, named.sessionId), runId: null, fallback: null };
  const { run, fallback } = findStartedRun(reader, word, { session });
  return { session: null, runId: run.run_id, fallback };
}
