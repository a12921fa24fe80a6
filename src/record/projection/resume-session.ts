import { SessionLostError } from "../../core/error/registry-error.ts";
import type { SessionResumed } from "../../core/event/event.ts";
import type { SessionOwnership } from "../../core/ownership.ts";
import { TERMINAL_STATUSES } from "../../core/run.ts";
import type { SessionRow } from "../rows.ts";
import { toOwnership } from "../run-records.ts";
import { type Change, updateRow } from "./change.ts";
import type { CurrentRows } from "./current-rows.ts";
import { refuseEvent, refuseState } from "./refuse-event.ts";

type OwnerColumns = Pick<
  SessionRow,
  "owner_pid" | "owner_start_time" | "owner_boot_id" | "owner_host" | "owner_epoch" | "lease_until"
>;

/**
 * The session goes on under another owner. Of those who try at once one is next in epoch; every other gets SessionLostError.
 * What its attempts came to stays; the runs that are to be tried again wait for their next one.
 */
export function resumeSession(event: SessionResumed, session: SessionRow, current: CurrentRows): Change[] {
  const { session_id, claim, runs } = event;
  if (session.status === "success") refuseEvent(event, "the session has succeeded");
  if (session.rollback_status !== null) refuseEvent(event, "the session was rolled back");
  if (session.owner_epoch !== claim.epoch - 1) throw new SessionLostError(session_id, toOwnership(session));
  const again = { status: "running", end_time: null, duration_ms: null, paused_time: null } as const;
  const set = { ...again, ...toOwnerColumns(claim) };
  const { status, owner_epoch } = session;
  return [
    updateRow("sessions", { key: { session_id }, expect: { status, owner_epoch }, set }),
    ...runs.map((run) => reopenRun(event, run, current)),
  ];
}

function reopenRun(event: SessionResumed, run: string, current: CurrentRows): Change {
  const row = current.findRunRow(event.session_id, run);
  if (row === undefined) return refuseEvent(event, `the session has not declared run "${run}"`);
  if (!TERMINAL_STATUSES.has(row.status)) return refuseState(event, row.status);
  const { session_id, status, attempt } = row;
  const set = {
    status: "pending",
    end_time: null,
    reason: `was ${status}; to be tried again`,
    skip_chain: null,
  } as const;
  return updateRow("runs", { key: { session_id, run }, expect: { status, attempt }, set });
}

/** Nulls for a log from before sessions had owners. */
export function toOwnerColumns(claim: SessionOwnership | null): OwnerColumns {
  const owner = claim?.owner ?? null;
  return {
    owner_pid: owner?.pid ?? null,
    owner_start_time: owner?.start_time ?? null,
    owner_boot_id: owner?.boot_id ?? null,
    owner_host: owner?.host ?? null,
    owner_epoch: claim?.epoch ?? 0,
    lease_until: claim?.lease_until ?? null,
  };
}
