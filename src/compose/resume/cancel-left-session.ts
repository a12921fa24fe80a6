import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import { StopReason } from "../../execute/execution-controls.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import type { SessionResult } from "../session/session-result.ts";
import { type CloseOptions, closeSession } from "./close-session.ts";
import { NotResumableError, type ResumableSearch, readResumable } from "./find-resumable.ts";
import { resumeSession } from "./resume-session.ts";

/**
 * The plan of a session that its process has left, if it can be gone on with. Throws NotResumableError if a process works on it.
 */
export function findPlanOfLeft(
  reader: RegistryReader,
  session: SessionRecord,
  search: ResumableSearch,
): KeptPlan | null {
  try {
    return readResumable(reader, session, search);
  } catch (error) {
    if (!(error instanceof NotResumableError) || error.code === "session-owned") throw error;
    return null;
  }
}

/**
 * Cancels a session that its process has left, as that process would have: with its plan, what it says of the end of a session is
 * done. Rejects as `resumeSession`.
 */
export async function cancelLeftSession(
  options: CloseOptions & { kept: KeptPlan | null; force: boolean },
): Promise<SessionResult> {
  const { kept, force, reason } = options;
  if (kept === null) return await closeSession(options);
  const cancels = new StopReason(reason);
  const stops = { interrupt: AbortSignal.abort(cancels), ...(force ? { kill: AbortSignal.abort(cancels) } : {}) };
  return await resumeSession({ ...options, ...stops, kept, cancels: true, endsLive: force, afresh: false });
}
