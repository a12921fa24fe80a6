import type { RegistryReader } from "../core/port/registry.ts";
import type { RunRecord } from "../core/run.ts";
import type { SessionId } from "../core/run-id.ts";

/** The attempts of a session that are not, or no longer, their run's own: most were followed by another. Oldest first. */
export function listEarlierAttempts(registry: RegistryReader, sessionId: SessionId): RunRecord[] {
  return registry.together(() => {
    const own = new Set(registry.runsOf([sessionId]).map(({ run_id }) => run_id));
    const ids = registry.attemptsOfSession(sessionId).map(({ run_id }) => run_id);
    return registry.findRecords(ids.filter((id) => !own.has(id)));
  });
}
