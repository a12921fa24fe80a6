import { lstatSync } from "node:fs";
import { type Clock, formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { RegistryReader } from "../core/registry.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { StateFolders } from "../core/runner.ts";
import type { Discard, TrashItem } from "../core/trash.ts";
import { measurePath } from "../versions/find-change.ts";
import { findOwnPlaces } from "../versions/own-places.ts";
import { dropEntry, fillEntry, findEntry, openEntry, sweepTrash, type TrashEntry } from "../versions/trash.ts";
import { toItems } from "../versions/trash-manifest.ts";
import { listLocations } from "./attempt-locations.ts";

export interface DiscardContext {
  folders: StateFolders;
  registry: RegistryReader;
  clock: Clock;
  emit(events: readonly RunEvent[]): void;
}

export interface DiscardOrder {
  attempt: { session_id: SessionId; run: string; run_id: RunId };
  cause: Discard["cause"];
  how: "trash" | "delete";
  /** One sentence for people. */
  reason: string;
  /** Locations that the registry knows, besides those that the attempt's own files tell of. */
  locations?: readonly string[];
}

/**
 * Moves everything that an attempt has of its own into the trash, or deletes it: what lies in the store and in versions of the
 * project under its run_id, and nothing else. What is recorded comes first, so that nobody counts on data that are on their
 * way. Interrupted at any point, the same call finishes it. False if it has nothing.
 */
export async function discardAttempt(context: DiscardContext, order: DiscardOrder): Promise<boolean> {
  const { folders } = context;
  const { attempt, how } = order;
  const known = context.registry.discardsOf([attempt.run_id])[0] ?? null;
  if (known?.state === "deleted") {
    // Whoever recorded that may have been cut off before it was done.
    await removeEntry(folders, known.entry);
    return false;
  }
  const id = `${order.cause}-${attempt.run_id}`;
  const entry = findEntry(folders.trash, id) ?? (await makeEntry(context, order, id));
  if (entry === null) return false;
  if (how === "trash" && known?.manifest !== entry.digest) context.emit([tellDiscarded(context, order, entry)]);
  await fillEntry(entry);
  if (how === "trash") return true;
  context.emit([tellDiscarded(context, order, entry)]);
  await removeEntry(folders, id);
  return true;
}

async function removeEntry({ trash }: StateFolders, id: string): Promise<void> {
  await dropEntry(trash, id);
  await sweepTrash(trash);
}

/** Null if there is nothing to move. */
async function makeEntry(
  { folders, clock }: DiscardContext,
  { attempt, cause, reason, locations = [] }: DiscardOrder,
  id: string,
): Promise<TrashEntry | null> {
  const { run_id, session_id, run } = attempt;
  const all = [...locations, ...listLocations(folders, run_id)];
  const places = findOwnPlaces({ store: folders.store, runId: run_id, locations: all });
  if (places.length === 0) return null;
  const items = toItems(await Promise.all(places.map(describePlace)));
  const about = { id, cause, session_id, run, run_id, time: formatTime(clock.now()), reason };
  return await openEntry(folders.trash, { format: 1, ...about, items });
}

async function describePlace(original: string): Promise<Omit<TrashItem, "name">> {
  const kind = lstatSync(original).isDirectory() ? "folder" : "file";
  const bytes = await measurePath(original).then(
    (measured) => measured.bytes,
    () => null,
  );
  return { original, kind, bytes, hash: null };
}

function tellDiscarded({ clock }: DiscardContext, order: DiscardOrder, { manifest, digest }: TrashEntry): RunEvent {
  const { attempt, cause, how, reason } = order;
  const { session_id, run, run_id } = attempt;
  const stamp = { time: formatTime(clock.now()), session_id, run, run_id };
  const state = how === "trash" ? "trashed" : "deleted";
  return {
    type: "run.discarded",
    ...stamp,
    ...{ cause, state, entry: manifest.id, manifest: digest, reason, bytes: countBytes(manifest.items) },
  };
}

/** Null if a size is not known. */
export function countBytes(items: readonly TrashItem[]): number | null {
  return items.reduce<number | null>((sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes), 0);
}
