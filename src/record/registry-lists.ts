import type { RegistryReader, RunFilter, SessionFilter, SessionSummary } from "../core/registry.ts";
import type { RunRecord } from "../core/run.ts";
import { assembleRuns } from "./assemble-runs.ts";
import { findSessionId } from "./find-ids.ts";
import type { SessionRow } from "./rows.ts";
import { toSessionSummary } from "./run-records.ts";
import type { TableStore } from "./table-store.ts";

/** Rows that are read at a time: more need more memory, fewer more questions. */
const PAGE = 250;

/** Lists of sessions and of runs, whole and by pages. */
export function createLists(
  store: TableStore,
): Pick<RegistryReader, "listSessions" | "listRuns" | "sessionPages" | "runPages"> {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  const sessionPages = (filter: SessionFilter = {}): Generator<SessionSummary[]> =>
    readPages({
      numbers: () => read(() => store.sessionNumbers(filter)),
      page: (numbers) => read(() => summarizeSessions(store, store.selectNumbered("sessions", numbers))),
    });
  const runPages = (filter: RunFilter = {}): Generator<RunRecord[]> =>
    readPages({
      numbers: () => read(() => findRuns(store, filter)),
      page: (numbers) => read(() => assembleRuns(store, store.selectNumbered("runs", numbers))),
    });
  return {
    sessionPages,
    runPages,
    listSessions: (filter) => read(() => [...sessionPages(filter)].flat()),
    listRuns: (filter) => read(() => [...runPages(filter)].flat()),
  };
}

interface Paged<T> {
  numbers(): readonly number[];
  page(numbers: readonly number[]): T[];
}

/** No statement stays open between two pages: it would hold its moment of the database for as long as somebody reads. */
function* readPages<T>({ numbers, page }: Paged<T>): Generator<T[]> {
  const all = numbers();
  for (let from = 0; from < all.length; from += PAGE) yield page(all.slice(from, from + PAGE));
}

function findRuns(store: TableStore, { session, ...rest }: RunFilter): number[] {
  if (session === undefined) return store.runNumbers(rest);
  const sessionId = findSessionId(store, session);
  return sessionId === null ? [] : store.runNumbers({ ...rest, session_id: sessionId });
}

function summarizeSessions(store: TableStore, sessions: readonly SessionRow[]): SessionSummary[] {
  const counts = Map.groupBy(store.countRuns(sessions.map((row) => row.session_id)), (count) => count.session_id);
  return sessions.map((row) => {
    const ofSession = counts.get(row.session_id) ?? [];
    return toSessionSummary(row, Object.fromEntries(ofSession.map(({ status, count }) => [status, count])));
  });
}
