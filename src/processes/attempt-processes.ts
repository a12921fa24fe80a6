import { mkdirSync } from "node:fs";
import { giveUpAttempt, readClaim } from "./claim.ts";
import { bootId, checkProcess, type ProcessIdentity } from "./identity.ts";
import { listGroup } from "./signals.ts";
import { listStrays } from "./strays.ts";

/** One process of an attempt; `unknown` where the system does not tell one process from another. */
export type AttemptProcess = ProcessIdentity | "unknown";

export interface AttemptPlace {
  /** Where the records of the attempt are. Any of them may be missing, or be anything: user code can write there. */
  folder: string;
  runId: string;
}

/**
 * Finds a process that still works on an attempt: the one that claimed it, another of its process group, or any that carries
 * the attempt's mark. Null if there is none, and for an attempt that was given up. Never throws.
 */
export function findAttemptProcess({ folder, runId }: AttemptPlace): AttemptProcess | null {
  const claim = readClaim(folder);
  if (claim?.isGivenUp) return null;
  const owner = claim?.owner ?? null;
  const claimed = owner === null ? null : findOwner(owner);
  return claimed ?? listStrays({ runId })[0] ?? null;
}

/**
 * As `findAttemptProcess`, for those who rely on the answer: where there is none, none begins the attempt from now on. The child of
 * a Kedro worker carries no mark before it has claimed its attempt. Throws what the system says if it can't be given up.
 */
export function closeAttempt(place: AttemptPlace): AttemptProcess | null {
  const found = findAttemptProcess(place);
  if (found !== null || readClaim(place.folder) !== null) return found;
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  return giveUpAttempt(place.folder) ? null : findAttemptProcess(place);
}

/** A group outlives its leader. */
function findOwner(owner: ProcessIdentity): AttemptProcess | null {
  const state = checkProcess(owner);
  if (state === "alive") return owner;
  // Where processes can be told apart, our own claims say which one is meant: this one is foreign.
  if (state === "unknown") return bootId() === null ? "unknown" : null;
  return listGroup(owner)[0] ?? null;
}
