import { AmbiguousIdError } from "../core/error/registry-error.ts";
import { isIdEnding } from "../core/run-id.ts";
import type { TableStore } from "./table-store.ts";

/** The whole id of a session; null if there is none. Throws AmbiguousIdError. */
export function findSessionId(store: TableStore, idOrPrefix: string): string | null {
  if (idOrPrefix === "latest") return newestSession(store);
  return findId(store, "sessions", idOrPrefix);
}

/** The id that `part` is, or that alone begins or ends with it. Throws AmbiguousIdError. */
export function findId(store: TableStore, table: "sessions" | "attempts", part: string): string | null {
  const beginning = store.idsBeginning(table, part);
  const candidates = beginning.length === 0 && isIdEnding(part) ? store.idsEnding(table, part) : beginning;
  if (candidates.length > 1) throw new AmbiguousIdError(part, candidates);
  return candidates[0] ?? null;
}

function newestSession(store: TableStore): string | null {
  return store.selectNumbered("sessions", store.sessionNumbers({ limit: 1 }))[0]?.session_id ?? null;
}
