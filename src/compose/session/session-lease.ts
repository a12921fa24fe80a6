import { SessionLostError } from "../../core/error/registry-error.ts";
import type { SessionOwnership } from "../../core/ownership.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { SessionSummary } from "../../core/port/registry-lists.ts";
import type { SessionId } from "../../core/run-id.ts";
import { hostName, identifyOwner } from "../../processes/host.ts";
import { checkProcess } from "../../processes/identity.ts";

/** Time that a session is safe from other processes without a sign of life of its owner, in milliseconds. */
const LEASE_MS = 30_000;
const BEATS_PER_LEASE = 3;

/** `RUNWEAVE_LEASE_MS` is for tests, which can't wait so long. */
export function leaseMs(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const said = Number(environment.RUNWEAVE_LEASE_MS);
  return Number.isSafeInteger(said) && said > 0 ? said : LEASE_MS;
}

/** Epoch of a session's first owner, the process that starts it. */
export const FIRST_EPOCH = 1;

/** Returns what is recorded of this process as the owner of a session, from now on. */
export function takeOwnership(clock: Clock, epoch: number): SessionOwnership {
  return { owner: identifyOwner(), epoch, lease_until: formatTime(clock.now() + leaseMs()) };
}

/**
 * State of a session's owner. `gone`: its process has verifiably ended. `silent`: its process can't be checked from
 * here, or is stopped, and its lease is over. Both may be taken over.
 */
export type OwnerState = "working" | "gone" | "silent";

export function judgeOwner(ownership: SessionOwnership | null, nowMs: number): OwnerState {
  if (ownership === null) return "gone";
  if (ownership.owner.host === hostName() && checkProcess(ownership.owner) === "gone") return "gone";
  return Date.parse(ownership.lease_until) > nowMs ? "working" : "silent";
}

/** Judges the owner of a session at this moment; null for a session that has ended. */
export function ownerOf(
  reader: RegistryReader,
  { session_id, status }: Pick<SessionSummary, "session_id" | "status">,
): OwnerState | null {
  return status === "running" ? judgeOwner(reader.ownershipOf(session_id), Date.now()) : null;
}

/**
 * Finds the epoch that the next owner of a session follows. It is read before the judgement, and the registry takes
 * only an owner of the next epoch, so that the new owner replaces exactly the judged one. `refuse` is called with an
 * owner that works on the session, and throws.
 */
export function findVacancy(
  reader: RegistryReader,
  sessionId: SessionId,
  { nowMs, refuse }: { nowMs: number; refuse(ownership: SessionOwnership): never },
): number {
  const ownership = reader.ownershipOf(sessionId);
  const head = reader.findSessionHead(sessionId);
  const isHeld = head?.status === "running" || head?.rollback?.status === "running";
  if (ownership !== null && isHeld && judgeOwner(ownership, nowMs) === "working") refuse(ownership);
  return ownership?.epoch ?? 0;
}

interface KeptLease {
  registry: Registry;
  clock: Clock;
  sessionId: SessionId;
  epoch: number;
  /** Called when another process has the session, or the registry could not be written until the lease was over. */
  onLost(error: unknown): void;
}

/** Renews the lease of a session until the returned function is called, which leaves it to others. */
export function keepLease({ registry, clock, sessionId, epoch, onLost }: KeptLease): () => void {
  const length = leaseMs();
  let renewedMs = clock.now();
  const timer = setInterval(() => {
    const nowMs = clock.now();
    try {
      registry.renewLease({ session_id: sessionId, epoch, lease_until: formatTime(nowMs + length) });
      renewedMs = nowMs;
    } catch (error) {
      // A registry that is busy for once will do again: the lease is longer than one beat.
      if (!(error instanceof SessionLostError) && nowMs - renewedMs < length) return;
      clearInterval(timer);
      onLost(error);
    }
  }, length / BEATS_PER_LEASE).unref();
  return () => clearInterval(timer);
}
