import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";

/**
 * Finds the locations to which sessions that were recorded after this one have published, each with the newest of these sessions. A session
 * that is resumed late would put older data there.
 */
export function findNewerPublishers(registry: RegistryReader, session_id: SessionId): ReadonlyMap<string, SessionId> {
  const later = registry.listSessions({ later_than: session_id });
  const published = later.toReversed().flatMap((session) => {
    const attempts = registry.attemptsOfSession(session.session_id).map(({ run_id }) => run_id);
    return registry.publicationsOf(attempts).map(({ location }) => [location, session.session_id] as const);
  });
  return new Map(published);
}
