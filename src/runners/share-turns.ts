import type { Hold, HoldQueue } from "../core/hold.ts";
import { isConflict, type SharedPlace } from "../core/place.ts";
import type { AttemptHandlers, ResolvedRun, StateFolders } from "../core/port/runner.ts";
import { describeHold } from "../processes/describe-hold.ts";
import { type HeldPlaces, holdPlaces } from "../processes/hold-places.ts";

interface Turn {
  run: ResolvedRun;
  folders: StateFolders;
  holds: HoldQueue;
  places: readonly SharedPlace[];
  signal: AbortSignal;
  handlers: AttemptHandlers;
}

/**
 * Waits until no run of this session or another, and no publication, has one of the places in a way that conflicts.
 * Warns if it is of another session. Throws the signal's reason if it fires first.
 */
export async function shareTurns({ run, folders, holds, places, signal, handlers }: Turn): Promise<HeldPlaces> {
  const { session_id, run_id } = run;
  const onWait = (before: Hold) => {
    if (before.session_id === session_id) return;
    const place = before.places.find((held) => places.some((wanted) => isConflict(held, wanted)));
    const message = `it waits for ${describeHold(before, place)}`;
    handlers.onSignal({ type: "run.warned", code: "waits-for-session", message });
  };
  const request = { holder: run_id, act: "run", places, session_id, run: run.run, run_id, epoch: null } as const;
  return await holdPlaces({ holds, attempts: folders.attempts, request, signal, onWait });
}
