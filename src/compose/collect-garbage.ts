import { existsSync } from "node:fs";
import type { HeldAttempt, Registry } from "../core/registry.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { StateFolders } from "../core/runner.ts";
import { decideRetention, type Retention, type RetentionRule, type RetentionVerdict } from "../explain/gc.ts";
import { measurePath } from "../versions/find-change.ts";
import { findOwnPlaces } from "../versions/own-places.ts";
import { dropEntry, fillEntry, listTrash, sweepTrash } from "../versions/trash.ts";
import { listLocations } from "./attempt-locations.ts";
import { discardAttempt } from "./discard-attempt.ts";
import { readKeptPlan } from "./read-kept-plan.ts";
import { isRecorded, type TrashContext } from "./restore-trash.ts";

/** An attempt whose data are collected, or would be. */
export interface Collectable
  extends Pick<HeldAttempt, "run_id" | "session_id" | "workflow" | "run" | "status" | "time"> {
  reason: string;
  bytes: number;
  /** What goes into the trash. */
  places: string[];
}

export interface CollectionPlan {
  goes: Collectable[];
  /** Attempts whose data stay, and why. */
  kept: RetentionVerdict[];
  /** Attempts that may go but have nothing of their own on this disk: remote data, and plain paths. */
  elsewhere: RunId[];
}

/** What a collection would do. Changes nothing. */
export async function planCollection(
  { folders, registry }: Pick<TrashContext, "folders" | "registry">,
  retention: Retention,
): Promise<CollectionPlan> {
  const holdings = registry.holdings();
  const expected = holdings.running.flatMap((sessionId) => listExpected(folders, sessionId));
  const attempts = new Map(holdings.attempts.map((attempt) => [attempt.run_id, attempt]));
  const plan: CollectionPlan = { goes: [], kept: [], elsewhere: [] };
  for (const verdict of decideRetention(holdings, { retention, expected })) {
    const attempt = attempts.get(verdict.run_id);
    if (attempt === undefined || attempt.discarded !== null) continue;
    if (verdict.rule !== "goes") {
      if (attempt.bytes > 0) plan.kept.push(verdict);
      continue;
    }
    const places = findPlaces(folders, registry, verdict.run_id);
    if (places.length > 0) plan.goes.push(await describe(attempt, verdict.reason, places));
    else if (attempt.bytes > 0) plan.elsewhere.push(verdict.run_id);
  }
  return plan;
}

/** How many attempts are kept by each rule. */
export function countRules(kept: readonly RetentionVerdict[]): Partial<Record<RetentionRule, number>> {
  const counts: Partial<Record<RetentionRule, number>> = {};
  for (const { rule } of kept) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

/**
 * Moves what a plan says into the trash, attempt by attempt: marked first, then moved, so that nobody counts on data that are on
 * their way. What an earlier collection left by half is finished first.
 */
export async function collect(context: TrashContext, goes: readonly Collectable[]): Promise<void> {
  await finishCollections(context);
  const { folders, registry, clock } = context;
  for (const attempt of goes) {
    const locations = registry.versionsOf(attempt.run_id).map(({ location }) => location);
    const order = { attempt, cause: "gc", how: "trash", reason: attempt.reason, locations } as const;
    await discardAttempt({ folders, registry, clock, emit: (events) => registry.append(events) }, order);
  }
}

/** What was marked and not moved to the end; what was never marked did not begin. */
export async function finishCollections({ folders, registry }: TrashContext): Promise<void> {
  for (const entry of listTrash(folders.trash).entries) {
    const { cause, run_id, id } = entry.manifest;
    if (cause !== "gc") continue;
    if (isRecorded(entry, registry.discardsOf([run_id])[0] ?? null)) await fillEntry(entry);
    else if (entry.held.length === 0) await dropEntry(folders.trash, id);
  }
  await sweepTrash(folders.trash);
}

function findPlaces(folders: StateFolders, registry: Registry, runId: RunId): string[] {
  const locations = registry.versionsOf(runId).map(({ location }) => location);
  return findOwnPlaces({ store: folders.store, runId, locations: [...locations, ...listLocations(folders, runId)] });
}

async function describe(attempt: HeldAttempt, reason: string, places: string[]): Promise<Collectable> {
  const { run_id, session_id, workflow, run, status, time } = attempt;
  const sizes = await Promise.all(places.filter((place) => existsSync(place)).map((place) => measurePath(place)));
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
  return { run_id, session_id, workflow, run, status, time, reason, bytes, places };
}

/** What the plan of a session under way takes from earlier runs. Nobody knows of one without a plan, as a script has. */
function listExpected(folders: StateFolders, sessionId: SessionId): RunId[] {
  try {
    const { plan } = readKeptPlan(folders, sessionId);
    return plan.runs.flatMap(({ injects }) =>
      Object.values(injects).flatMap((input) =>
        input.rule === "run_id" || input.rule === "alias" ? [input.version.version as RunId] : [],
      ),
    );
  } catch {
    return [];
  }
}
