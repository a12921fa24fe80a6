import { randomUUID } from "node:crypto";
import type { Hold, HoldAct } from "../../core/hold.ts";
import type { OwnedSession } from "../../core/ownership.ts";
import type { SharedPlace } from "../../core/place.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { type HeldPlaces, holdPlaces } from "../../processes/hold-places.ts";

export interface TrashHold {
  act: Exclude<HoldAct, "run">;
  /** Session whose data are moved under its epoch: who takes the session over has its hold. Null for an act of its own. */
  session?: OwnedSession | null;
  /** Further places that are written: those that a session publishes to. */
  places?: readonly SharedPlace[];
  /** Gives up waiting. */
  signal?: AbortSignal | undefined;
  /** Called once for each act that has to be waited for. */
  onWait?: ((before: Hold) => void) | undefined;
}

/**
 * Waits until no other act moves anything into or out of the trash, in this process or another: each of them moves data in
 * several steps, and finishes what another one has left. Throws the signal's reason if it fires first, and RegistryError.
 */
export async function holdTrash(
  { registry, folders }: { registry: Registry; folders: StateFolders },
  { act, session = null, places = [], signal = NEVER, onWait }: TrashHold,
): Promise<HeldPlaces> {
  const trash: SharedPlace = { path: folders.trash, suffix: null, access: "write" };
  const request = {
    holder: session === null ? `${act} ${randomUUID()}` : `${act} ${session.session_id}`,
    act,
    places: [trash, ...places],
    session_id: session?.session_id ?? null,
    run: null,
    run_id: null,
    epoch: session?.epoch ?? null,
  };
  return await holdPlaces({ holds: registry.holds, attempts: folders.attempts, request, signal, onWait });
}

/** Does `work` with the trash for itself. */
export async function holdingTrash<T>(
  context: { registry: Registry; folders: StateFolders },
  hold: TrashHold,
  work: () => Promise<T>,
): Promise<T> {
  const held = await holdTrash(context, hold);
  try {
    return await work();
  } finally {
    held.release();
  }
}

const NEVER = new AbortController().signal;
