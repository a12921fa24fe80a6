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
/** Between the end of a run's process and the record of it, a zygote waits for the process group for up to 5 s. */
const EXIT_PATIENCE_MS = 7_000;
/** A claim without an owner is about to have one, or never will. */
const CLAIM_PATIENCE_MS = 2_000;
/** Who is ended by one of these was told to end, and by nobody that is left. */
const STOP_SIGNALS: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"]);

/** What the folder of an attempt says about it. Changes nothing. */
export function inspectAttempt(place: AttemptPlace): AttemptEvidence {
  const claim = readClaim(place.folder);
  if (claim === null || claim.isGivenUp) {
    const isLost = findAttemptProcess(place) !== null;
    return { claim: isLost ? "lost" : claim === null ? "none" : "given-up", startedMs: null };
  }
  const owner = readOwner(place);
  return { claim: owner === null ? "unknown" : checkProcess(owner), startedMs: claimedMs(place.folder) };
}

/** Ends whatever works on an attempt that nothing goes on with. From then on nothing begins it. */
export async function endAttempt(place: AttemptPlace): Promise<void> {
  if (closeAttempt(place) === null) return;
  const owner = readOwner(place);
  if (owner !== null) await endGroup(owner, GROUP_GRACE_MS);
  await endStrays({ runId: place.runId, ancestor: owner }, GROUP_GRACE_MS);
  closeAttempt(place);
}

/** How the process of an attempt ended that another orchestrator began. */
export interface AdoptedEnd {
  owner: ProcessIdentity | null;
  /** Processes of it ran although it had no claim, or had been given up: they had to be ended. */
  isLost: boolean;
  /** Null if nobody saw it. */
  exit: ProcessExit | null;
  durationMs: number;
}

export interface AdoptedWait {
  /** The mark of everything that the attempt started, wherever it went. */
  runId: RunId;
  /** What the record of its end has to carry. */
  seal: string;
  signal: AbortSignal;
}

/**
 * Waits until the process that claimed an attempt is gone, and ends what it left behind. If there is no claim, ends all that works on
 * the attempt, after taking it so that nothing else begins it. Rejects if the signal fires.
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
  // Not until so long after the claim was made: the clock may have been set back since.
  const limitMs = performance.now() + CLAIM_PATIENCE_MS;
  let owner = readOwner(place);
  while (owner === null ? performance.now() < limitMs : checkProcess(owner) !== "gone") {
    await delay(POLL_MS, undefined, { signal });
    // The owner that is known stays the owner, even if its claim is deleted now.
    owner = readOwner(place) ?? owner;
  }
  return owner;
}

/** Only of an attempt that came to an end of its own somebody may still be about to record it. */
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

/** Whether the process was ended from outside while there was no orchestrator, or nobody saw how it ended. */
export function wasCutOff(exit: ProcessExit | null): boolean {
  return exit === null || (exit.signal !== null && STOP_SIGNALS.has(exit.signal));
}

/** The result of an attempt that nobody knows the outcome of. */
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

/** From now on this process alone takes in what the attempt wrote. */
export function markAdopted(folder: string, seal: string): void {
  ensureAttemptFolder(folder);
  writeFileWhole(adoptionPath(folder), JSON.stringify({ ...identifySelf(), seal }));
}

/** Whether another process has gone on with an attempt that this one had. */
export function isAdoptedByOther(folder: string, seal: string): boolean {
  const record = readJsonRecord(adoptionPath(folder));
  // What has no seal was put there by the run itself.
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
