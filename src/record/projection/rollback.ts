import { SessionLostError } from "../../core/error/registry-error.ts";
import type { PublicationPrepared, RollbackEvent, RollbackStarted } from "../../core/event/rollback-event.ts";
import type { SessionRow } from "../rows.ts";
import { toOwnership } from "../run-records.ts";
import { type Change, mergeRow, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent } from "./refuse-event.ts";
import { toOwnerColumns } from "./resume-session.ts";

/**
 * Projects a session's effects outside of its own places, and how they are taken back. Its runs and versions stay as
 * they are.
 */
export function projectRollback(event: RollbackEvent, session: SessionRow, current: CurrentRows): Change[] {
  switch (event.type) {
    case "publication.prepared":
      return prepare(event, current);
    case "rollback.started":
      return begin(event, session);
    case "rollback.ended": {
      refuseUnlessBegun(event, session);
      const { session_id } = session;
      const set = { rollback_status: event.status, rolled_back_time: event.time };
      return [updateRow("sessions", { key: { session_id }, expect: { rollback_status: "running" }, set })];
    }
    case "publication.set_aside":
      refuseUnlessBegun(event, session);
      return [];
    case "publication.undone": {
      refuseUnlessBegun(event, session);
      const { session_id, run_id, dataset, time } = event;
      const key = { session_id, run_id, dataset };
      if (current.findFormerRow(key) === undefined) return refuseEvent(event, "it was not published");
      // The location may be another one than before, as the project may have been renamed since.
      return [updateRow("formers", { key, expect: {}, set: { undone_time: time } })];
    }
    case "run.compensated": {
      refuseUnlessBegun(event, session);
      const { session_id, run_id, status, message, log, time } = event;
      if (current.findAttemptRow(run_id)?.status !== "success") return refuseEvent(event, "it has not succeeded");
      const row = { session_id, run_id, status, message, log, time };
      return [mergeRow("compensations", row, ["status", "message", "log", "time"])];
    }
  }
}

function prepare(event: PublicationPrepared, current: CurrentRows): Change[] {
  const { session_id, run_id, dataset, location, entry, manifest, time } = event;
  if (current.findAttemptRow(run_id)?.status !== "success") {
    return refuseEvent(event, "only what a successful attempt saved is published");
  }
  const row = { session_id, run_id, dataset, location, entry, manifest, time, undone_time: null };
  return [mergeRow("formers", row, ["location", "entry", "manifest", "time", "undone_time"])];
}

/**
 * Begins a rollback, which needs the session: of two at once one is refused, and so is a former owner that wakes up.
 */
function begin(event: RollbackStarted, session: SessionRow): Change[] {
  const { session_id, status, owner_epoch, rollback_status } = session;
  if (status === "running") return refuseEvent(event, "it has not ended");
  if (rollback_status === "done") return refuseEvent(event, "it was rolled back");
  if (owner_epoch !== event.claim.epoch - 1) throw new SessionLostError(session_id, toOwnership(session));
  const set = { rollback_status: "running", rolled_back_time: event.time, ...toOwnerColumns(event.claim) } as const;
  return [updateRow("sessions", { key: { session_id }, expect: { status, owner_epoch }, set })];
}

function refuseUnlessBegun(event: RollbackEvent, { rollback_status }: SessionRow): void {
  if (rollback_status !== "running") refuseEvent(event, "it is not being rolled back");
}
