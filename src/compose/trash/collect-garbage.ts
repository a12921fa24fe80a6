import { existsSync } from "node:fs";
import type { RunDiscarded } from "../../core/event/disposal-event.ts";
import type { HeldAttempt } from "../../core/port/registry.ts";
import { RemoteStorageError } from "../../core/port/remote-storage.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { listEarlier } from "../../core/select-reads.ts";
import { decideRetention, type Retention, type RetentionRule, type RetentionVerdict } from "../../explain/gc.ts";
import { findOwnPlaces } from "../../versions/own-places.ts";
import { dropEntry, fillEntry } from "../../versions/trash/trash.ts";
import { judgeEntry } from "../home/judge-entry.ts";
import { isOwnEntry, scopeOf } from "../home/own-scope.ts";
import { relocateWork } from "../home/relocate-work.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { listLocations } from "./attempt-locations.ts";
import { countBytes, discardAttempt, findRemotePlaces, measureBytes } from "./discard-attempt.ts";
import { describeEntryFault } from "./entry-fault.ts";
import { holdingTrash } from "./hold-trash.ts";
import { findPresent, listPresent } from "./present-entries.ts";
import { isRecorded, putBack, type RemoteTrashContext, sweepAnyway } from "./restore-trash.ts";

/** An attempt whose data are collected, or would be. */
export interface Collectable
  extends Pick<HeldAttempt, "run_id" | "session_id" | "workflow" | "run" | "status" | "time"> {
  reason: string;
  /** Null if they can't be measured. */
  bytes: number | null;
  /** What goes into the trash. */
  places: string[];
}

export interface CollectionPlan {
  goes: Collectable[];
  /** Attempts whose data stay, and why. */
  kept: RetentionVerdict[];
  /** Attempts that may go but have no data of their own: only plain paths. */
  elsewhere: RunId[];
  unreachable: Unreachable[];
}

/** An attempt that may go and stays, at least in part: its data are out of reach, can't be moved, or could not be put back as they are. */
export interface Unreachable {
  run_id: RunId;
  message: string;
}

/** Plans a collection without a change. */
export async function planCollection(
  context: Pick<RemoteTrashContext, "folders" | "registry" | "remote">,
  retention: Retention,
): Promise<CollectionPlan> {
  const { facts, verdicts } = judgeAll(context, retention);
  const attempts = new Map(facts.attempts.map((attempt) => [attempt.run_id, attempt]));
  const plan: CollectionPlan = { goes: [], kept: [], elsewhere: [], unreachable: [] };
  for (const verdict of verdicts) {
    const attempt = attempts.get(verdict.run_id);
    if (attempt === undefined || attempt.discarded !== null) continue;
    if (verdict.rule !== "goes") {
      if (attempt.bytes > 0) plan.kept.push(verdict);
      continue;
    }
    const { run_id } = verdict;
    try {
      const collectable = await describe(context, attempt, verdict.reason);
      if (collectable.places.length > 0) plan.goes.push(collectable);
      else if (attempt.bytes > 0) plan.elsewhere.push(run_id);
    } catch (error) {
      plan.unreachable.push(describeUnreachable(run_id, error));
    }
  }
  return plan;
}

function judgeAll({ folders, registry }: Pick<RemoteTrashContext, "folders" | "registry">, retention: Retention) {
  const facts = relocateWork(registry.retentionFacts(), { registry, folders });
  const expected = facts.running.flatMap((sessionId) => listExpected(folders, sessionId));
  return { facts, verdicts: decideRetention(facts, { retention, expected }) };
}

/** How many attempts are kept by each rule. */
export function countRules(kept: readonly RetentionVerdict[]): Partial<Record<RetentionRule, number>> {
  const counts: Partial<Record<RetentionRule, number>> = {};
  for (const { rule } of kept) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

export interface Collection {
  goes: readonly Collectable[];
  /** Rules by which the plan was made. */
  retention: Retention;
}

/** Attempts of a plan that have not gone. */
export interface Uncollected {
  unreachable: Unreachable[];
  /** Something has come to need them since the plan was made. */
  kept: RetentionVerdict[];
}

/**
 * Moves what a plan says into the trash, attempt by attempt: judged again and marked in one transaction, then moved, so that
 * no session counts on data that are on their way. What an earlier collection left by half is finished first.
 */
export async function collect(context: RemoteTrashContext, collection: Collection): Promise<Uncollected> {
  return await holdingTrash(context, { act: "gc", onWait: context.onWait }, () => collectHeld(context, collection));
}

async function collectHeld(context: RemoteTrashContext, { goes, retention }: Collection): Promise<Uncollected> {
  const unreachable = await finishCollections(context);
  const { registry } = context;
  const kept: RetentionVerdict[] = [];
  const judge = createJudge(context, retention);
  const record = (event: RunDiscarded): boolean => {
    let spared: RetentionVerdict | null = null;
    registry.decide(() => {
      spared = judge(event.run_id);
      return spared === null ? [event] : [];
    });
    if (spared !== null) kept.push(spared);
    return spared === null;
  };
  for (const attempt of goes) {
    const versions = registry.versionsOf([attempt.run_id]);
    const order = { attempt, cause: "gc", how: "trash", reason: attempt.reason, versions } as const;
    try {
      await discardAttempt({ ...context, record }, order);
    } catch (error) {
      unreachable.push(describeUnreachable(attempt.run_id, error));
      await putInexactBack(context, attempt.run_id, error);
    }
  }
  return { unreachable, kept };
}

/** Tells why an attempt is kept; null if it goes. Called within a transaction: all is judged anew once another process has written. */
function createJudge(context: RemoteTrashContext, retention: Retention): (runId: RunId) => RetentionVerdict | null {
  let judged: { at: string; kept: ReadonlyMap<RunId, RetentionVerdict> } | null = null;
  return (runId) => {
    const at = context.registry.othersMark();
    if (judged?.at !== at) {
      const kept = judgeAll(context, retention).verdicts.filter(({ rule }) => rule !== "goes");
      judged = { at, kept: new Map(kept.map((verdict) => [verdict.run_id, verdict])) };
    }
    return judged.kept.get(runId) ?? null;
  };
}

/** What was marked and not moved to the end; what was never marked did not begin. */
async function finishCollections(context: RemoteTrashContext): Promise<Unreachable[]> {
  const { folders, registry, remote } = context;
  const unreachable: Unreachable[] = [];
  for (const entry of listPresent(context).entries) {
    const { cause, run_id, id } = entry.manifest;
    if (cause !== "gc" || judgeEntry(context, entry) !== "known" || !isOwnEntry(context, entry)) continue;
    try {
      if (isRecorded(registry, entry)) await fillEntry(entry, remote);
      else if (entry.held.length === 0) await dropEntry(folders.trash, id);
    } catch (error) {
      unreachable.push(describeUnreachable(run_id, error));
      await putInexactBack(context, run_id, error);
    }
  }
  await sweepAnyway(context);
  return unreachable;
}

function describeUnreachable(run_id: RunId, error: unknown): Unreachable {
  const message = describeEntryFault(error);
  if (message === null) throw error;
  return { run_id, message };
}

/** A version that came back with another checksum would be no version any more: then it is not collected at all. */
async function putInexactBack(context: RemoteTrashContext, runId: RunId, error: unknown): Promise<void> {
  if (!(error instanceof RemoteStorageError) || error.code !== "copy-inexact") return;
  const entry = findPresent(context, `gc-${runId}`);
  if (entry !== null) await putBack(context, entry);
}

async function describe(
  context: Pick<RemoteTrashContext, "folders" | "registry" | "remote">,
  attempt: HeldAttempt,
  reason: string,
): Promise<Collectable> {
  const { folders, registry } = context;
  const { run_id, session_id, workflow, run, status, time } = attempt;
  const versions = registry.versionsOf([run_id]);
  const locations = [...versions.map(({ location }) => location), ...listLocations(folders, run_id)];
  const scope = scopeOf(context, run_id);
  const local = findOwnPlaces({ store: folders.store, runId: run_id, locations, scope });
  const remote = scope.within === null ? await findRemotePlaces(context, attempt, versions) : [];
  const there = local.filter((place) => existsSync(place));
  const sizes = await Promise.all(there.map(async (place) => ({ bytes: await measureBytes(place) })));
  const bytes = countBytes([...sizes, ...remote]);
  const places = [...local, ...remote.map(({ location }) => location)];
  return { run_id, session_id, workflow, run, status, time, reason, bytes, places };
}

/**
 * Lists earlier versions that the plan of a session under way consumes. A session without a plan, as of a script, has
 * none.
 */
function listExpected(folders: StateFolders, sessionId: SessionId): RunId[] {
  try {
    const { plan } = readKeptPlan(folders, { session_id: sessionId, origin: null });
    return plan.runs.flatMap((run) => listEarlier(run).map(([, { version }]) => version.version as RunId));
  } catch {
    return [];
  }
}
