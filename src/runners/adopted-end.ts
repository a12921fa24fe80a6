import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type AttemptEvidence, ORCHESTRATOR_DIED } from "../core/port/recovery.ts";
import type { AttemptResult } from "../core/port/runner.ts";
import type { RunId } from "../core/run-id.ts";
import { closeAttempt, findAttemptProcess } from "../processes/attempt-processes.ts";
import {
  type AttemptPlace,
  claimPath,
  ensureAttemptFolder,
  giveUpAttempt,
  readClaim,
  readOwner,
} from "../processes/claim.ts";
import { checkProcess, identifySelf, type ProcessIdentity, parseIdentity } from "../processes/identity.ts";
import { readJsonRecord } from "../processes/read-record.ts";
import { endGroup } from "../processes/signals.ts";
import { endStrays } from "../processes/strays.ts";
import { sweepTemporaries, writeFileWhole } from "../versions/write-file.ts";
import { exitPath, isSealed, type ProcessExit, readExit } from "./attempt-files.ts";
import { describeFailure, failAttempt, formatExit } from "./attempt-result.ts";

const POLL_MS = 50;
const GROUP_GRACE_MS = 2_000;
/** A zygote waits for the process group for up to 5 s, between the end of a run's process and the record of it. */
const EXIT_PATIENCE_MS = 7_000;
/** A claim without an owner is about to have one, or never will. */
const CLAIM_PATIENCE_MS = 2_000;
/** Signals that ask a process to end: no orchestrator was left that could have sent one. */
const STOP_SIGNALS: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"]);

/** Reads the state of an attempt from its folder, without a change. */
export function inspectAttempt(place: AttemptPlace): AttemptEvidence {
  const claim = readClaim(place.folder);
  if (claim === null || claim.isGivenUp) {
    const isLost = findAttemptProcess(place) !== null;
    return { claim: isLost ? "lost" : claim === null ? "none" : "given-up", startedMs: null };
  }
  const owner = readOwner(place);
  return { claim: owner === null ? "unknown" : checkProcess(owner), startedMs: claimedMs(place.folder) };
}

/** Ends all processes of an attempt that is given up. From then on no process can begin it. */
export async function endAttempt(place: AttemptPlace): Promise<void> {
  if (closeAttempt(place) === null) return;
  const owner = readOwner(place);
  if (owner !== null) await endGroup(owner, GROUP_GRACE_MS);
  await endStrays({ runId: place.runId, ancestor: owner }, GROUP_GRACE_MS);
  closeAttempt(place);
}

/** End of the process of an attempt that another orchestrator began. */
export interface AdoptedEnd {
  owner: ProcessIdentity | null;
  /** Processes of it ran although it had no claim, or had been given up: they had to be ended. */
  isLost: boolean;
  /** Null if the end was not seen. */
  exit: ProcessExit | null;
  durationMs: number;
}

export interface AdoptedWait {
  /** The mark of everything that the attempt started, wherever it went. */
  runId: RunId;
  /** Seal that the record of its end has to carry. */
  seal: string;
  signal: AbortSignal;
}

/**
 * Waits until the process that claimed an attempt is gone, and ends the processes that it left behind. Without a claim
 * it first takes the attempt, so that no other process begins it, and ends all processes of it. Rejects if the signal
 * fires.
 */
export async function awaitAdopted(folder: string, { runId, seal, signal }: AdoptedWait): Promise<AdoptedEnd> {
  const startedMs = claimedMs(folder) ?? Date.now();
  const isLost = giveUpAttempt(folder) || readClaim(folder)?.isGivenUp === true;
  const owner = isLost ? null : await awaitOwner({ folder, runId }, signal);
  if (owner !== null) await endGroup(owner, GROUP_GRACE_MS);
  await endStrays({ runId, ancestor: owner }, GROUP_GRACE_MS);
  const exit = isLost ? null : await awaitExit(folder, { seal, signal });
  sweepTemporaries(folder, { evenOfLiving: true });
  const endedMs = exit === null ? Date.now() : lstatSync(exitPath(folder)).mtimeMs;
  return { owner, isLost, exit, durationMs: Math.max(0, endedMs - startedMs) };
}

/** Resolves with the process that has begun the attempt when that is gone; with null if there is none. */
async function awaitOwner(place: AttemptPlace, signal: AbortSignal): Promise<ProcessIdentity | null> {
  // The limit counts from now, not from the time of the claim: the clock may have been set back since.
  const limitMs = performance.now() + CLAIM_PATIENCE_MS;
  let owner = readOwner(place);
  while (owner === null ? performance.now() < limitMs : checkProcess(owner) !== "gone") {
    await delay(POLL_MS, undefined, { signal });
    // The owner that is known stays the owner, even if its claim is deleted now.
    owner = readOwner(place) ?? owner;
  }
  return owner;
}

/** Waits a little for an attempt that came to an end of its own, whose record may still be on its way. */
async function awaitExit(
  folder: string,
  { seal, signal }: Pick<AdoptedWait, "seal" | "signal">,
): Promise<ProcessExit | null> {
  const limitMs = performance.now() + EXIT_PATIENCE_MS;
  for (;;) {
    const exit = readExit(folder, seal);
    if (exit !== null || !existsSync(join(folder, "manifest")) || performance.now() > limitMs) return exit;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** True if the process was ended from outside while there was no orchestrator, or its end was not seen. */
export function wasCutOff(exit: ProcessExit | null): boolean {
  return exit === null || (exit.signal !== null && STOP_SIGNALS.has(exit.signal));
}

/** Result of an attempt with an unknown outcome. */
export function cutOffAttempt(adopted: AdoptedEnd, cancelled: boolean): AttemptResult {
  const { exit, durationMs } = adopted;
  const message = `the orchestrator was killed while it ran; ${describeEnd(adopted)}`;
  const exception = describeFailure(ORCHESTRATOR_DIED, message);
  return { ...failAttempt({ ...exit, cancelled, durationMs, exception }), cutOff: true };
}

function describeEnd({ owner, isLost, exit }: AdoptedEnd): string {
  if (isLost) return "its records are gone, so its processes were ended";
  const who = owner === null ? "its process" : `its process ${owner.pid}`;
  return `${who} ${exit === null ? "ended, and it is unknown how" : `ended (${formatExit(exit)})`}`;
}

/** Marks this process as the only one that takes in, from now on, what the attempt wrote. */
export function markAdopted(folder: string, seal: string): void {
  ensureAttemptFolder(folder);
  writeFileWhole(adoptionPath(folder), JSON.stringify({ ...identifySelf(), seal }));
}

/** True if another process has gone on with an attempt that this one had. */
export function isAdoptedByOther(folder: string, seal: string): boolean {
  const record = readJsonRecord(adoptionPath(folder));
  // A record without a seal was put there by the run itself.
  const adopter = isSealed(record, seal) ? parseIdentity(record) : null;
  if (adopter === null) return false;
  const self = identifySelf();
  return adopter.pid !== self.pid || adopter.start_time !== self.start_time;
}

function adoptionPath(folder: string): string {
  return join(folder, "adopted");
}

function claimedMs(folder: string): number | null {
  return lstatSync(claimPath(folder), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
