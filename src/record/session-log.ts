import { SessionLostError } from "../core/error/registry-error.ts";
import type { RunEvent } from "../core/event/event.ts";
import type { OwnedSession, SessionLease } from "../core/ownership.ts";
import type { MarkLog, SessionLog } from "../core/port/session-log.ts";
import type { SessionId } from "../core/run-id.ts";
import { updateRow } from "./projection/change.ts";
import { projectEvent } from "./projection/event.ts";
import { toControlRequest } from "./projection/request.ts";
import { toOwnership } from "./run-records.ts";
import type { TableStore, WriteKind } from "./table-store.ts";

/** The log over tables: each event is stored together with what follows from it. */
export function createSessionLog(store: TableStore, markLog?: MarkLog): SessionLog {
  let ownWrites = 0;
  const write = (work: () => void, kind?: WriteKind) => {
    try {
      store.writeAtomically(work, kind);
    } finally {
      // One that was taken back too: what was asked within it is not so.
      ownWrites += 1;
    }
  };
  return {
    append: (events, epoch) => {
      if (events.length === 0) return;
      write(() => {
        if (epoch !== undefined) assertOwned(store, events, epoch);
        appendAll(store, events, markLog);
      });
    },
    decide: (judge, owned) =>
      write(() => {
        if (owned !== undefined) assertOwner(store, owned);
        appendAll(store, judge(), markLog);
      }),
    renewLease: (lease) => write(() => renewLease(store, lease), "brief"),
    ownershipOf: (sessionId) =>
      store.readConsistently(() => {
        const row = store.findSessionRow(sessionId);
        return row === undefined ? null : toOwnership(row);
      }),
    requestsOf: (sessionId) =>
      store.readConsistently(() => store.selectIn("requests", "session_id", [sessionId]).map(toControlRequest)),
    follow: (position) => store.readLog(position),
    othersMark: () => store.othersMark(),
    changeMark: () => `${store.othersMark()} ${ownWrites}`,
  };
}

function appendAll(store: TableStore, events: readonly RunEvent[], markLog: MarkLog | undefined): void {
  const marks = new Map<SessionId, string | null>();
  for (const event of events) {
    const { session_id } = event;
    const { seq, hash } = store.appendToLog(event);
    for (const change of projectEvent({ seq, event }, store)) store.applyChange(change);
    if (markLog === undefined) continue;
    const before = marks.has(session_id) ? marks.get(session_id) : findMark(store, event);
    // A log that was begun without a key stays without a mark.
    marks.set(session_id, before == null ? null : markLog(before, hash));
  }
  for (const [session_id, mark] of marks) {
    if (mark !== null) store.applyChange(updateRow("sessions", { key: { session_id }, expect: {}, set: { mark } }));
  }
}

function findMark(store: TableStore, { type, session_id }: RunEvent): string | null {
  return type === "session.started" ? "" : store.findSessionRow(session_id)?.mark || null;
}

/**
 * Checks that the epoch is that of the session's owner: in the transaction, so that no other process takes the session
 * in between.
 */
function assertOwned(store: TableStore, events: readonly RunEvent[], epoch: number): void {
  for (const session_id of new Set(events.map((event) => event.session_id))) assertOwner(store, { session_id, epoch });
}

function assertOwner(store: TableStore, { session_id, epoch }: OwnedSession): void {
  const row = store.findSessionRow(session_id);
  if (row !== undefined && row.owner_epoch !== epoch) throw new SessionLostError(session_id, toOwnership(row));
}

function renewLease(store: TableStore, { session_id, epoch, lease_until }: SessionLease): void {
  const row = store.findSessionRow(session_id);
  if (row?.owner_epoch !== epoch) throw new SessionLostError(session_id, row === undefined ? null : toOwnership(row));
  const change = { key: { session_id }, expect: { owner_epoch: epoch }, set: { lease_until } };
  store.applyChange(updateRow("sessions", change));
}
