import type { RunEvent } from "../../core/event/event.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import { type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { isInScope } from "../../versions/own-places.ts";
import { droppedFolder, listDropped } from "../../versions/trash/dropped-entries.ts";
import { RemovalError, removeTree } from "../../versions/tree/remove-tree.ts";
import type { StateLocation } from "../locate-state.ts";
import { measureWorked } from "../resume/worked-time.ts";
import { toOutcome } from "../session/restore-session.ts";
import { formatFormer, readHomeState } from "./home-state.ts";
import { forgetLostSessions } from "./newest-session.ts";

/** Result of settling a state folder. */
export interface Settled {
  /** Path of the folder that this one was a copy of until now; null if it was no copy. */
  movedFrom: string | null;
  /** Sessions that were under way at the old place, and that count as cancelled here. */
  ended: SessionId[];
  /** Number of sessions that the registry does not know, and that are not reported any more. */
  lost: number;
}

/**
 * Takes a state folder as it is: a copy is one of its own from now on, and an older registry counts. Interrupted at any
 * point, the same call finishes it. Changes no file at the old place.
 */
export async function settleState({
  registry,
  state,
  clock,
}: {
  registry: Registry;
  state: StateLocation;
  clock: Clock;
}): Promise<Settled> {
  const { movedFrom } = readHomeState({ registry, folders: state });
  const ended: SessionId[] = [];
  if (movedFrom !== null) {
    for (const { session_id } of registry.listSessions({ status: "running" })) {
      const session = registry.findSession(session_id);
      if (session === null || formatFormer({ registry, folders: state }, session_id) === null) continue;
      endHere(registry, session, { movedFrom, clock });
      ended.push(session_id);
    }
    await forgetDropped(state);
    registry.settleHome(formatTime(clock.now()));
  }
  return { movedFrom, ended, lost: forgetLostSessions(registry, state) };
}

/** Cancels a session that no process can finish here: an unfinished session would keep its data for ever. */
function endHere(
  registry: Registry,
  session: SessionRecord,
  { movedFrom, clock }: { movedFrom: string; clock: Clock },
) {
  const { session_id } = session;
  const reason = `it was under way at ${movedFrom} when the state folder was copied`;
  const stamp = { time: formatTime(clock.now()), session_id };
  const open = session.runs.filter(({ status }) => !TERMINAL_STATUSES.has(status));
  const duration_ms = measureWorked(registry.events(session_id));
  registry.append(
    open.map(({ run, run_id, attempt }): RunEvent => {
      return { type: "run.cancelled", ...stamp, run, run_id, attempt: Math.max(1, attempt), duration_ms: null, reason };
    }),
  );
  const runs = (registry.findSession(session_id)?.runs ?? []).map(toOutcome);
  registry.append([{ type: "session.finished", ...stamp, status: "cancelled", duration_ms, runs }]);
}

/**
 * Deletes the copy's own bytes of entries that were being deleted for good when the folder was copied. Data on a
 * storage are the original's, and stay. What can't be removed stays as well, and `doctor` goes on telling of it.
 */
async function forgetDropped({ root, trash }: StateLocation): Promise<void> {
  if (!isInScope(trash, { within: root, except: [] })) return;
  for (const id of listDropped(trash)) await removeTree(droppedFolder(trash, id)).catch(ignoreRemoval);
}

function ignoreRemoval(error: unknown): void {
  if (!(error instanceof RemovalError)) throw error;
}
