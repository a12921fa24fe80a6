import { type AttemptPlace, giveUpAttempt, readClaim, readOwner } from "./claim.ts";
import { checkProcess, type ProcessIdentity } from "./identity.ts";
import { listGroup } from "./signals.ts";
import { listStrays } from "./strays.ts";

/** One process of an attempt; `unknown` where the system does not tell one process from another. */
export type AttemptProcess = ProcessIdentity | "unknown";

/**
 * Finds a process that still works on an attempt: the one that claimed it, another of its process group, or any that carries
 * the attempt's mark. Who gave an attempt up is none of them. Null if there is none. Never throws.
 */
export function findAttemptProcess(place: AttemptPlace): AttemptProcess | null {
  const owner = readOwner(place);
  const claimed = owner === null ? null : findOwner(owner);
  return claimed ?? listStrays({ runId: place.runId, ancestor: owner })[0] ?? null;
}

/**
 * Does as `findAttemptProcess`, for callers that rely on the answer: after null, no process begins the attempt any
 * more. The child of a Kedro worker carries no mark before it has claimed its attempt. Throws the system's error if the
 * attempt can't be given up.
 */
export function closeAttempt(place: AttemptPlace): AttemptProcess | null {
  const found = findAttemptProcess(place);
  if (found !== null || readClaim(place.folder) !== null) return found;
  return giveUpAttempt(place.folder) ? null : findAttemptProcess(place);
}

/** A group outlives its leader. */
function findOwner(owner: ProcessIdentity): AttemptProcess | null {
  const state = checkProcess(owner);
  if (state === "gone") return listGroup(owner)[0] ?? null;
  return state === "alive" ? owner : state;
}
