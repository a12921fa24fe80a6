import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";

/**
 * Where sessions that started after this one have published: each location, and the newest session that did. A session that is
 * resumed late would put older data in their place.
 */
export function findNewerPublishers(registry: RegistryReader, session_id: SessionId): ReadonlyMap<string, SessionId> {
  const own = registry.findSessionHead(session_id);
  if (own === null) return new Map();
  const later = registry.listSessions({ since: own.start_time }).filter((session) => session.session_id !== session_id);
  const published = later.toReversed().flatMap((session) => {
    const attempts = registry.attemptsOfSession(session.session_id).map(({ run_id }) => run_id);
    return registry.publicationsOf(attempts).map(({ location }) => [location, session.session_id] as const);
  });
  return new Map(published);
}
