import { RefusalError } from "../../core/error/refusal-error.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import { isIdEnding } from "../../core/run-id.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { TrashCause } from "../../core/trash.ts";
import { listEntryForms } from "../../report/text/short-ids.ts";
import { PlaceTakenError } from "../../versions/move-path.ts";
import type { TrashEntry, TrashFault } from "../../versions/trash/trash.ts";
import { refuseMoved } from "../home/home-state.ts";
import { type EntryStanding, judgeEntry } from "../home/judge-entry.ts";
import type { StateLocation } from "../locate-state.ts";
import { confirmPlaces } from "../trash/confirm-places.ts";
import { confirmStorage } from "../trash/confirm-storage.ts";
import { emptyTrash as emptyEntries, type Undeleted } from "../trash/empty-trash.ts";
import { withRemoteStorage } from "../trash/open-remote-storage.ts";
import { listPresent } from "../trash/present-entries.ts";
import { NotRestorableError, restoreEntry } from "../trash/restore-trash.ts";
import { type ActionContext, freeWithRegistry, readRegistry, type StateAddress, writeRegistry } from "./context.ts";

/** An entry of the trash, and whether the registry knows it. */
export interface JudgedEntry {
  entry: TrashEntry;
  standing: EntryStanding;
}

/** Lists what was removed and can be had back, and folders in the trash that are no entries. */
export function showTrash(
  address: StateAddress,
  context: ActionContext = {},
): { entries: JudgedEntry[]; faults: TrashFault[] } {
  return readRegistry(address, context, (registry, folders) => {
    const { entries, faults } = listPresent({ registry, folders });
    return { entries: judge(registry, folders, entries), faults };
  });
}

function judge(registry: RegistryReader, folders: StateLocation, entries: readonly TrashEntry[]): JudgedEntry[] {
  return entries.map((entry) => ({ entry, standing: judgeEntry({ registry, folders }, entry) }));
}

/**
 * Puts everything of an entry back exactly where it was. `id` is the entry's; or a run's name or run_id, if that has one entry. Throws
 * RefusalError for one that there is not, NotRestorableError, RemoteStorageError: the same call goes on. NotConfirmedError as `collectOldData`.
 */
export async function restoreTrash(
  address: StateAddress,
  id: string,
  context: ActionContext = {},
): Promise<TrashEntry> {
  return await writeRegistry(address, context, async (registry, folders) => {
    refuseMoved({ registry, folders }, "trash restore");
    const { manifest } = findEntry(listPresent({ registry, folders }).entries, id);
    try {
      const asking = { registry, folders, context };
      const told = { ...context, confirmPlaces: confirmPlaces(asking) };
      return await withRemoteStorage({ registry, folders, confirm: confirmStorage(asking) }, (remote) =>
        restoreEntry({ ...told, folders, registry, remote, clock: systemClock }, manifest.id),
      );
    } catch (error) {
      if (error instanceof PlaceTakenError) throw new NotRestorableError("trash-taken", `${error.message} now`);
      throw error;
    }
  });
}

/** Entries that are to be deleted for good. */
export interface EmptyRequest {
  /** Id of one entry, as it is listed. Default: all that the registry knows. */
  id?: string | undefined;
  /** Time before which an entry was made: ISO, UTC. */
  olderThan?: string | undefined;
  /** True to delete them; else only finds them. */
  yes?: boolean | undefined;
}

/** Entries that are deleted, and entries that stay though they are old enough. */
export interface EmptiedTrash {
  /** Entries that were deleted, or would be. */
  goes: TrashEntry[];
  /** Entries that the registry does not know: only their own ids delete them. */
  unknown: TrashEntry[];
  /** Entries that lie in part in the trash of a storage which another state folder uses too. */
  elsewhere: TrashEntry[];
  undeleted: Undeleted[];
}

/** Deletes entries of the trash for good, on a full disk too. Throws RefusalError for an entry that there is not, RemoteStorageError. */
export async function emptyTrash(
  address: StateAddress,
  { id, olderThan, yes = false }: EmptyRequest = {},
  context: ActionContext = {},
): Promise<EmptiedTrash> {
  return await freeWithRegistry(address, { ...context, act: "trash empty" }, async (registry, folders) => {
    refuseMoved({ registry, folders }, "trash empty");
    const { entries } = listPresent({ registry, folders });
    const old = entries.filter(({ manifest }) => olderThan === undefined || manifest.time < olderThan);
    const chosen = id === undefined ? old : [findNamed(entries, id)];
    const by = Map.groupBy(judge(registry, folders, chosen), ({ standing }) =>
      id !== undefined && standing === "unknown" ? "known" : standing,
    );
    const listOf = (standing: EntryStanding) => (by.get(standing) ?? []).map(({ entry }) => entry);
    const undeleted = yes ? await deleteAll(listOf("known"), { registry, folders, context }) : [];
    const staying = new Set(undeleted.map((each) => each.id));
    const goes = listOf("known").filter(({ manifest }) => !staying.has(manifest.id));
    return { goes, unknown: listOf("unknown"), elsewhere: listOf("elsewhere"), undeleted };
  });
}

async function deleteAll(
  entries: readonly TrashEntry[],
  { registry, folders, context }: { registry: Registry; folders: StateLocation; context: ActionContext },
): Promise<Undeleted[]> {
  const confirm = confirmStorage({ registry, folders, context });
  return await withRemoteStorage({ registry, folders, confirm }, (remote) =>
    emptyEntries({ ...context, folders, registry, remote, clock: systemClock }, entries),
  );
}

/** Finds an entry by its id alone, as it is listed, because a deletion can't be undone. Throws RefusalError if there is none. */
function findNamed(entries: readonly TrashEntry[], id: string): TrashEntry {
  const entry = findEntryById(entries, id);
  if (entry !== null) return entry;
  const hint = "`runweave trash list` lists the entries, each by its ID";
  throw new RefusalError("unknown-entry", `there is no entry "${id}" in the trash`, hint);
}

/** Finds an entry by its id, whole or as it is shown; null if there is none. Throws RefusalError if several are shown so. */
function findEntryById(entries: readonly TrashEntry[], id: string): TrashEntry | null {
  const whole = entries.find(({ manifest }) => manifest.id === id);
  if (whole !== undefined) return whole;
  const [only = null, ...others] = entries.filter(({ manifest }) => listEntryForms(manifest.id).includes(id));
  if (others.length > 0) throw refuseAmbiguous(id, only === null ? others : [only, ...others]);
  return only;
}

/** Finds an entry by its id, whole or as it is shown, its run_id, a part of one of them, or the name of a run that has one entry. */
function findEntry(entries: readonly TrashEntry[], id: string): TrashEntry {
  const whole = findEntryById(entries, id);
  if (whole !== null) return whole;
  const isPart = (text: string) => text.startsWith(id) || (isIdEnding(id) && text.endsWith(id));
  const ofRun = entries.filter(({ manifest: { run_id, run } }) => isPart(run_id) || run === id);
  const found = ofRun.filter(({ manifest: { cause } }) => cause === "cleanup" || cause === "gc");
  const [only, ...others] = found;
  if (only === undefined) throw refuseNothing(id, ofRun, entries);
  if (others.length === 0) return only;
  throw refuseAmbiguous(id, found);
}

function refuseAmbiguous(id: string, entries: readonly TrashEntry[]): RefusalError {
  const hint = `name one of them: ${entries.map(({ manifest }) => manifest.id).join(", ")}`;
  return new RefusalError("ambiguous-id", `${entries.length} entries of the trash are of "${id}"`, hint);
}

/** Creates the refusal for a run without data in the trash. Files that its publication replaced may be there, but are not its data. */
function refuseNothing(id: string, [other]: readonly TrashEntry[], entries: readonly TrashEntry[]): RefusalError {
  const names = entries.map(({ manifest }) => manifest.run);
  const nearest = didYouMean(id, names) ?? "`runweave trash list` lists what there is";
  const hint = other === undefined ? nearest : HINTS[other.manifest.cause](other);
  const what = other === undefined ? "nothing" : "no data";
  return new RefusalError("unknown-entry", `there is ${what} of "${id}" in the trash`, hint);
}

const byId = ({ manifest: { id } }: TrashEntry) => `\`runweave trash restore ${id}\` puts it back`;

/** Hints at other entries of a run, by their cause. */
const HINTS: Readonly<Record<TrashCause, (entry: TrashEntry) => string>> = {
  cleanup: byId,
  gc: byId,
  "published-over": ({ manifest: { id, session_id } }) =>
    `\`runweave rollback ${session_id}\` puts back what it replaced; if that leaves it, \`runweave trash restore ${id}\` does`,
  rollback: (entry) => `the trash has what the roll-back of that session replaced: ${byId(entry)}`,
};
