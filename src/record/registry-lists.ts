import type { Page, PageRequest, RegistryLists, RunFilter, SessionSummary } from "../core/port/registry-lists.ts";
import { assembleRuns, describeRuns } from "./assemble-runs.ts";
import { findSessionId } from "./find-ids.ts";
import type { SessionRow } from "./rows.ts";
import { toSessionSummary } from "./run-records.ts";
import type { ListPlace, RunRowFilter, TableStore } from "./table-store.ts";

/** Records that are read at a time: more need more memory, fewer more questions. */
const RECORDS_AT_ONCE = 250;

/** Lists of sessions and of runs, by pages and whole. */
export function createLists(store: TableStore): RegistryLists {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  function* runPages(filter: RunFilter = {}) {
    const numbers = read(() => findRuns(store, filter));
    // No statement stays open between two pages: it would hold its moment of the database for as long as the reader
    // takes.
    for (let from = 0; from < numbers.length; from += RECORDS_AT_ONCE) {
      const page = numbers.slice(from, from + RECORDS_AT_ONCE);
      yield read(() => assembleRuns(store, store.selectNumbered("runs", page)));
    }
  }
  return {
    sessionPage: (filter, page) =>
      read(() => {
        const numbers = store.sessionNumbers({ ...filter, ...toRange(page) });
        const sessions = store.selectNumbered("sessions", numbers.slice(0, page.limit));
        const places = numbers.slice(0, page.limit).map((number) => [number]);
        return { items: summarizeSessions(store, sessions), next: findNext(places, numbers) };
      }),
    runPage: (filter, page) =>
      read(() => {
        const numbers = findRuns(store, { ...filter, ...toRange(page) });
        const runs = store.selectNumbered("runs", numbers.slice(0, page.limit));
        const places = runs.map(({ moment_seq }, at) => [moment_seq, numbers[at] ?? 0]);
        return { items: describeRuns(store, runs), next: findNext(places, numbers) };
      }),
    listSessions: (filter = {}) =>
      read(() => summarizeSessions(store, store.selectNumbered("sessions", store.sessionNumbers(filter)))),
    listRuns: (filter) => read(() => [...runPages(filter)].flat()),
    runPages,
  };
}

/** One more than the page has: it tells whether anything comes after it. */
function toRange({ after, limit }: PageRequest): { after?: ListPlace; limit: number } {
  return { limit: limit + 1, ...(after === null ? {} : { after: readPlace(after) }) };
}

function findNext(places: readonly ListPlace[], numbers: readonly number[]): Page<unknown>["next"] {
  const last = places.at(-1);
  return last === undefined || numbers.length <= places.length ? null : last.join(" ");
}

function readPlace(text: string): ListPlace {
  if (!/^\d+( \d+)?$/.test(text)) throw new RangeError(`"${text}" is no place in a list`);
  return text.split(" ").map(Number);
}

function findRuns(store: TableStore, { session, ...rest }: RunFilter & Pick<RunRowFilter, "after">): number[] {
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
