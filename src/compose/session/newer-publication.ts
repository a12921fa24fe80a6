import type { RegistryReader } from "../../core/registry.ts";
import type { SessionId } from "../../core/run-id.ts";

/**
 * The session that started after this one and has published to `location`, the newest of them; null if none has. A session that is
 * resumed late would put older data in their place.
 */
export function findNewerPublisher(
  registry: RegistryReader,
  { session_id, location }: { session_id: SessionId; location: string },
): SessionId | null {
  const own = registry.findSessionHead(session_id);
  if (own === null) return null;
  const later = registry.listSessions({ since: own.start_time }).filter((session) => session.session_id !== session_id);
  const publisher = later.find((session) => {
    const attempts = registry.attemptsOfSession(session.session_id).map(({ run_id }) => run_id);
    return registry.publicationsOf(attempts).some((published) => published.location === location);
  });
  return publisher?.session_id ?? null;
}
