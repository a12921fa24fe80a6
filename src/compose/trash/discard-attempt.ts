import { lstatSync, rmdirSync } from "node:fs";
import type { RunDiscarded } from "../../core/event/disposal-event.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { OpenRemoteStorage, RemoteOwner, RemotePlace } from "../../core/port/remote-storage.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { Discard } from "../../core/trash.ts";
import type { TrashItem } from "../../core/trash-manifest.ts";
import { measurePath } from "../../versions/find-change.ts";
import { findOwnPlaces } from "../../versions/own-places.ts";
import { removeOriginals } from "../../versions/remote-items.ts";
import { trashPlace } from "../../versions/remote-places.ts";
import { sweepTrash } from "../../versions/trash/dropped-entries.ts";
import { dropEmptied, dropEntry, fillEntry, openEntry, type TrashEntry } from "../../versions/trash/trash.ts";
import { toItems } from "../../versions/trash/trash-manifest.ts";
import { isOwnEntry, scopeOf } from "../home/own-scope.ts";
import { listLocations, listRemotePlaces } from "./attempt-locations.ts";
import { findPresent } from "./present-entries.ts";

export interface DiscardContext {
  folders: StateFolders;
  registry: RegistryReader;
  clock: Clock;
  remote: OpenRemoteStorage;
  /** Records the discard before the move, unless another record keeps the data by then: false, and the data stay. */
  record(event: RunDiscarded): boolean;
}

export interface DiscardOrder {
  attempt: RemoteOwner;
  cause: Discard["cause"];
  how: "trash" | "delete";
  /** One sentence for people. */
  reason: string;
  /** Versions that the registry knows, besides those that the attempt's own files tell of. */
  versions?: readonly RemotePlace[];
}

/**
 * Moves an attempt's own data into the trash, or deletes them: only those that lie in the store and in versions of the
 * project under its run_id. The record comes first, so that no run is given data that are about to move. Interrupted at
 * any point, the same call finishes it. False if there are none, or another record keeps them now. Throws
 * RemoteStorageError: before the record if its remote data can't be looked at, else after all local data have been
 * moved; RemovalError, and the errors of `movePath`, for its own data alone. The caller holds the trash.
 */
export async function discardAttempt(context: DiscardContext, order: DiscardOrder): Promise<boolean> {
  const { folders } = context;
  const { attempt, how } = order;
  const known = context.registry.discardsOf([attempt.run_id])[0] ?? null;
  if (known?.state === "deleted") {
    // The process that recorded that may have been cut off before the move.
    await finishDeletion(context, known);
    return false;
  }
  const id = `${order.cause}-${attempt.run_id}`;
  const entry = findPresent(context, id) ?? (await makeEntry(context, order, id));
  if (entry === null || !isOwnEntry(context, entry)) return false;
  if (
    how === "trash" &&
    known?.manifest !== entry.digest &&
    !context.record(describeDiscarded(context, order, entry))
  ) {
    await dropEmptied(folders.trash, id);
    return false;
  }
  await fillEntry(entry, context.remote);
  if (how === "trash") return true;
  const told = describeDiscarded(context, order, entry);
  context.record(told);
  await finishDeletion(context, told);
  return true;
}

/**
 * Deletes what is recorded as deleted and still there: what lies on remote storage, where it is. Throws RemoteStorageError, and RemovalError if
 * its bytes can't be removed.
 */
export async function finishDeletion(
  { folders, registry, remote }: Pick<DiscardContext, "folders" | "registry" | "remote">,
  { entry: id, manifest }: Pick<Discard, "entry" | "manifest">,
): Promise<void> {
  const { trash } = folders;
  const entry = findPresent({ registry, folders }, id);
  // A manifest names the data that go, and may be forged: only the recorded one is believed.
  if (entry?.digest === manifest) await removeOriginals(entry, remote);
  await dropEntry(trash, id);
  const unfreed = await sweepTrash(trash);
  const own = unfreed.find((each) => each.id === id);
  if (own !== undefined) throw own.error;
}

/** Null if there are no data to move. */
async function makeEntry(
  context: DiscardContext,
  { attempt, cause, how, reason, versions = [] }: DiscardOrder,
  id: string,
): Promise<TrashEntry | null> {
  const { folders, registry, clock } = context;
  const { run_id, session_id, run } = attempt;
  const toPresent = (path: string) => registry.placeNow(path, run_id);
  const all = [...versions.map(({ location }) => location), ...listLocations(folders, run_id).map(toPresent)];
  const scope = scopeOf(context, run_id);
  const own = findOwnPlaces({ store: folders.store, runId: run_id, locations: all, scope });
  const places = own.filter((place) => !removeEmpty(place));
  const remote = scope.within === null ? await findRemotePlaces(context, attempt, versions) : [];
  if (places.length + remote.length === 0) return null;
  const local = await Promise.all(places.map(describePlace));
  const items = toItems([...local, ...remote.map(describeRemote)]).map((item) =>
    item.remote === undefined ? item : aimAtTrash(item, { id, how, exact: cause === "gc" }),
  );
  const about = { id, cause, session_id, run, run_id, time: formatTime(clock.now()), reason };
  return await openEntry(folders.trash, { format: 1, ...about, items });
}

/** A remote folder of an attempt's own in which something is. */
export interface FoundRemote extends RemotePlace {
  bytes: number;
}

/** Throws RemoteStorageError. */
export async function findRemotePlaces(
  { folders, remote }: Pick<DiscardContext, "folders" | "remote">,
  attempt: RemoteOwner,
  versions: readonly RemotePlace[],
): Promise<FoundRemote[]> {
  const found: FoundRemote[] = [];
  for (const place of listRemotePlaces(folders, attempt.run_id, versions)) {
    const { objects, bytes } = await remote(attempt).look(place);
    if (objects > 0) found.push({ ...place, bytes });
  }
  return found;
}

function describeRemote({ location, entry, bytes }: FoundRemote): Omit<TrashItem, "name"> {
  return { original: location, kind: "remote", bytes, hash: null, remote: { target: null, entry, exact: false } };
}

function aimAtTrash(
  item: TrashItem,
  { id, how, exact }: { id: string; how: DiscardOrder["how"]; exact: boolean },
): TrashItem {
  const target = how === "trash" ? trashPlace(item.original, id, item.name) : null;
  return { ...item, remote: { target, entry: item.remote?.entry ?? null, exact } };
}

/** True for a folder that was made for a version which was never written: it is not worth keeping. */
function removeEmpty(place: string): boolean {
  try {
    rmdirSync(place);
    return true;
  } catch {
    // It is a file, or something is in it.
    return false;
  }
}

async function describePlace(original: string): Promise<Omit<TrashItem, "name">> {
  const kind = lstatSync(original).isDirectory() ? "folder" : "file";
  return { original, kind, bytes: await measureBytes(original), hash: null };
}

/** Null if it can't be looked through, as what is closed to its owner, or too deep. */
export async function measureBytes(path: string): Promise<number | null> {
  return await measurePath(path).then(
    ({ bytes }) => bytes,
    () => null,
  );
}

function describeDiscarded(
  { clock }: DiscardContext,
  order: DiscardOrder,
  { manifest, digest }: TrashEntry,
): RunDiscarded {
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
export function countBytes(items: readonly Pick<TrashItem, "bytes">[]): number | null {
  return items.reduce<number | null>((sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes), 0);
}
