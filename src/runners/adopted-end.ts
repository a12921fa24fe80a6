import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AttemptEvidence } from "../core/recovery.ts";
import type { RunId } from "../core/run-id.ts";
import type { AttemptResult } from "../core/runner.ts";
import { claimPath, readClaim } from "../processes/claim.ts";
import { checkProcess, identifyProcess, type ProcessIdentity, parseIdentity } from "../processes/identity.ts";
import { readJsonRecord } from "../processes/read-record.ts";
import { endGroup } from "../processes/signals.ts";
import { endStrays } from "../processes/strays.ts";
import { sweepTemporaries, writeFileWhole } from "../versions/write-file.ts";
import { exitPath, type ProcessExit, readExit } from "./attempt-files.ts";
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
export function inspectAttempt(folder: string): AttemptEvidence {
  const claim = readClaim(folder);
  if (claim === null) return { claim: "none", startedMs: null };
  const startedMs = claimedMs(folder);
  if (claim.isGivenUp) return { claim: "given-up", startedMs: null };
  return { claim: claim.owner === null ? "unknown" : checkProcess(claim.owner), startedMs };
}

/** How the process of an attempt ended that another orchestrator began. */
export interface AdoptedEnd {
  owner: ProcessIdentity | null;
  /** Null if nobody saw it. */
  exit: ProcessExit | null;
  durationMs: number;
}

export interface AdoptedWait {
  /** The mark of everything that the attempt started, wherever it went. */
  runId: RunId;
  signal: AbortSignal;
}

/** Waits until the process that claimed an attempt is gone, and ends what it left behind. Rejects if the signal fires. */
export async function awaitAdopted(folder: string, { runId, signal }: AdoptedWait): Promise<AdoptedEnd> {
  const startedMs = claimedMs(folder) ?? Date.now();
  // Not until so long after the claim was made: the clock may have been set back since.
  const limitMs = performance.now() + CLAIM_PATIENCE_MS;
  let owner = readClaim(folder)?.owner ?? null;
  while (owner === null ? performance.now() < limitMs : checkProcess(owner) !== "gone") {
    await delay(POLL_MS, undefined, { signal });
    owner = readClaim(folder)?.owner ?? null;
  }
  if (owner !== null) {
    await endGroup(owner, GROUP_GRACE_MS);
    await endStrays({ runId, ancestor: owner }, GROUP_GRACE_MS);
  }
  const exit = await awaitExit(folder, signal);
  sweepTemporaries(folder, { evenOfLiving: true });
  const endedMs = exit === null ? Date.now() : lstatSync(exitPath(folder)).mtimeMs;
  return { owner, exit, durationMs: Math.max(0, endedMs - startedMs) };
}

/** Only of an attempt that came to an end of its own somebody may still be about to record it. */
async function awaitExit(folder: string, signal: AbortSignal): Promise<ProcessExit | null> {
  const limitMs = performance.now() + EXIT_PATIENCE_MS;
  for (;;) {
    const exit = readExit(folder);
    if (exit !== null || !existsSync(join(folder, "manifest")) || performance.now() > limitMs) return exit;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Whether the process was ended from outside while there was no orchestrator, or nobody saw how it ended. */
export function wasCutOff(exit: ProcessExit | null): boolean {
  return exit === null || (exit.signal !== null && STOP_SIGNALS.has(exit.signal));
}

/** The result of an attempt that nobody knows the outcome of. */
export function cutOffAttempt({ owner, exit, durationMs }: AdoptedEnd, cancelled: boolean): AttemptResult {
  const who = owner === null ? "its process" : `its process ${owner.pid}`;
  const how = exit === null ? "ended, and nobody saw how" : `ended (${formatExit(exit)})`;
  const message = `the orchestrator was killed while it ran; ${who} ${how}`;
  const exception = describeFailure("OrchestratorDied", message);
  return { ...failAttempt({ ...exit, cancelled, durationMs, exception }), cutOff: true };
}

/** From now on this process alone takes in what the attempt wrote. */
export function markAdopted(folder: string): void {
  writeFileWhole(adoptionPath(folder), JSON.stringify(identifyProcess(process.pid)));
}

/** Whether another process has gone on with an attempt that this one had. */
export function isAdoptedByOther(folder: string): boolean {
  // What is no identity was put there by the run itself.
  const adopter = parseIdentity(readJsonRecord(adoptionPath(folder)));
  const self = identifyProcess(process.pid);
  return adopter !== null && (adopter.pid !== self.pid || adopter.start_time !== self.start_time);
}

function adoptionPath(folder: string): string {
  return join(folder, "adopted");
}

function claimedMs(folder: string): number | null {
  return lstatSync(claimPath(folder), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
