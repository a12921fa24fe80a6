import { join } from "node:path";
import type { SharedPlace } from "../core/place.ts";
import type { AttemptHandlers, ResolvedRun, StateFolders } from "../core/runner.ts";
import { lockPlaces, type PlaceHolder } from "../processes/place-lock.ts";
import { attemptFolder } from "../versions/layout.ts";

interface Turn {
  run: ResolvedRun;
  folders: StateFolders;
  places: readonly SharedPlace[];
  signal: AbortSignal;
  handlers: AttemptHandlers;
}

/**
 * Waits until no run of this session or another has one of the places in a way that conflicts; returns what gives them back.
 * Says for whom of another session. Throws the signal's reason if it fires first.
 */
export async function shareTurns({ run, folders, places, signal, handlers }: Turn): Promise<() => void> {
  const { session_id } = run;
  const onWait = (holder: PlaceHolder) => {
    if (holder.session_id === session_id) return;
    handlers.onSignal({ type: "run.warned", code: "waits-for-session", message: tellWait(holder) });
  };
  const attempt = attemptFolder(folders, run.run_id);
  return await lockPlaces({
    ...{ folder: join(folders.root, "locks"), places, attempt, session_id, run: run.run },
    ...{ signal, onWait },
  });
}

function tellWait({ session_id, run, place }: PlaceHolder): string {
  const what = place.access === "write" ? "writes" : "reads";
  return `it waits for ${run} of session ${session_id}, which ${what} ${place.path}`;
}
