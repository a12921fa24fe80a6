import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Hold, HoldQueue, HoldRequest } from "../core/hold.ts";
import type { SessionOwner } from "../core/ownership.ts";
import { formatTime, systemClock } from "../core/port/clock.ts";
import { isRunId } from "../core/run-id.ts";
import { closeAttempt, findAttemptProcess } from "./attempt-processes.ts";
import { readClaim } from "./claim.ts";
import { hostName, identifyOwner } from "./host.ts";
import { checkProcess, identifySelf } from "./identity.ts";

const POLL_MS = 50;

/** Wakes the acts within this process that wait for another one's places. */
const waiting = new Set<() => void>();
/** Holds that this process has or waits for. A hold of this process that is not in here could not be released. */
const ours = new Map<HoldQueue, Set<string>>();

export interface Holding {
  holds: HoldQueue;
  /** Folder of the attempts' folders: processes of an attempt outlive the process that took its places. */
  attempts: string;
  request: Omit<HoldRequest, "owner" | "time">;
  /** Gives up waiting. */
  signal: AbortSignal;
  /** Called once for each hold that has to be waited for. */
  onWait?: ((before: Hold) => void) | undefined;
}

/** Returned by `holdPlaces`. */
export interface HeldPlaces {
  /** Gives the places back, once. Not called for an attempt whose processes live on: they keep them. Never throws. */
  release(): void;
}

/**
 * Waits until no act, in this process or another, has a place that conflicts: equal or nested, with one of the two writing. All
 * places are asked for at once, and acts go in the order in which they asked, so that no two wait for each other and none waits
 * for ever. Throws the signal's reason if it fires first, and RegistryError.
 */
export async function holdPlaces(holding: Holding): Promise<HeldPlaces> {
  const { holds, request } = holding;
  if (request.places.length === 0) return { release: () => {} };
  const owner = identifyOwner();
  const own = ours.get(holds) ?? new Set();
  ours.set(holds, own.add(request.holder));
  const release = () => {
    if (!own.delete(request.holder)) return;
    try {
      holds.release(request.holder, owner);
    } catch {
      // The disk may be full: the next act that meets the hold finds that this process does not have it any more.
    }
    for (const wake of [...waiting]) wake();
  };
  try {
    await awaitTurn({ ...holding, owner });
    return { release };
  } catch (error) {
    release();
    throw error;
  }
}

async function awaitTurn({ owner, ...holding }: Holding & { owner: SessionOwner }): Promise<void> {
  const { holds, signal, onWait } = holding;
  const told = new Set<number>();
  const strays = new Map<number, SessionOwner>();
  const hasLapsed = (hold: Hold) => isLapsed(hold, holding, strays);
  const request: HoldRequest = { ...holding.request, owner, time: formatTime(systemClock.now()) };
  signal.throwIfAborted();
  let before = holds.ask(request, []);
  while (before.length > 0) {
    const lapsed = before.filter(hasLapsed).map(({ seq }) => seq);
    if (lapsed.length === 0) {
      for (const hold of before.filter(({ seq }) => !told.has(seq))) onWait?.(hold);
      for (const { seq } of before) told.add(seq);
      await awaitChange(signal);
      signal.throwIfAborted();
      before = holds.before(request.holder);
    }
    // A process writes only when it may have its turn: a hundred waiting ones cost the others no write.
    if (lapsed.length > 0 || before.length === 0) before = holds.ask(request, lapsed);
  }
}

/** Waits until a hold of this process is released, or it is time to look again. */
async function awaitChange(signal: AbortSignal): Promise<void> {
  const woken = Promise.withResolvers<void>();
  waiting.add(woken.resolve);
  const patience = new AbortController();
  const either = AbortSignal.any([signal, patience.signal]);
  try {
    await Promise.race([woken.promise, delay(POLL_MS, undefined, { signal: either })]);
  } finally {
    waiting.delete(woken.resolve);
    patience.abort();
  }
}

/**
 * True if a hold is void: the record says that its act is over, or neither the process that asked nor any process of its attempt
 * is left. The attempt is given up then, so that no process begins it later.
 */
function isLapsed(hold: Hold, where: Where, strays: Map<number, SessionOwner>): boolean {
  const known = strays.get(hold.seq);
  // A search by mark walks through all of /proc; a process that was found is asked for by its pid.
  const isThere = known !== undefined && checkProcess(known) === "alive";
  const holder = isThere ? known : findHolder(hold, where, closeAttempt);
  if (holder !== null && holder.pid !== hold.owner.pid) strays.set(hold.seq, holder);
  return hold.is_ended || holder === null;
}

type Where = Pick<Holding, "holds" | "attempts">;

/** Finds the process that has a hold: the one that asked, else one of its attempt; null if there is neither. */
export function findHolder(
  { owner, holder, run_id }: Hold,
  { holds, attempts }: Where,
  findProcess: typeof findAttemptProcess = findAttemptProcess,
): SessionOwner | null {
  if (owner.host !== hostName()) return owner;
  const attempt = run_id === null || !isRunId(run_id) ? null : { folder: join(attempts, run_id), runId: run_id };
  // The process that asked does not begin the attempt any more if that was given up since.
  const mayBegin = attempt === null || !isGivenUp(attempt.folder);
  if (mayBegin && isOwnerHolding(owner, ours.get(holds)?.has(holder) === true)) return owner;
  const found = attempt === null ? null : findProcess(attempt);
  if (found === null) return null;
  return found === "unknown" ? owner : { ...found, host: owner.host };
}

function isGivenUp(folder: string): boolean {
  return readClaim(folder)?.isGivenUp === true;
}

function isOwnerHolding(owner: SessionOwner, isOurs: boolean): boolean {
  const self = identifySelf();
  if (owner.pid === self.pid && owner.start_time === self.start_time) return isOurs;
  return checkProcess(owner) !== "gone";
}
