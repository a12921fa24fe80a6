import type { PlainStorage } from "../../core/port/plain-storage.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { contentAt } from "../../versions/former/content-at.ts";
import { isRemotePublished, judgeRemote, type RemotePublished } from "../../versions/former/remote-former.ts";
import { findReadablePresent } from "../trash/present-entries.ts";

interface FindContext {
  registry: RegistryReader;
  folders: StateFolders;
  session_id: SessionId;
}

interface Sought {
  run_id: RunId;
  dataset: string;
  location: string | null;
  /** Called for what is on remote storage. */
  openPlain(): PlainStorage;
}

/** A publication that a session has on record as done. */
export interface FoundPublication {
  /** Paths that do not hold what was published. Empty if its entry of the trash, which knows that, is gone. */
  changed: string[];
}

/** Finds what an earlier try of a session has published; null if it has not come to the end of that. */
export async function findPublished(
  { registry, folders, session_id }: FindContext,
  { run_id, dataset, location, openPlain }: Sought,
): Promise<FoundPublication | null> {
  const isSought = (each: { run_id: RunId; dataset: string; location: string }) =>
    each.run_id === run_id && each.dataset === dataset && each.location === location;
  const former = registry.undoingsOf(session_id).formers.find(isSought);
  if (former === undefined || former.undone_time !== null) return null;
  const events = [...registry.events(session_id)];
  if (!events.some((event) => event.type === "dataset.published" && isSought(event))) return null;
  return { changed: await listChanged({ registry, folders }, former.entry, openPlain) };
}

async function listChanged(
  place: Pick<FindContext, "registry" | "folders">,
  id: string,
  openPlain: Sought["openPlain"],
): Promise<string[]> {
  const files = findReadablePresent(place, id)?.manifest.published ?? [];
  const remote = files.filter(isRemotePublished);
  const changed = remote.length === 0 ? [] : await listRemoteChanged(openPlain(), remote);
  for (const file of files) {
    if (!isRemotePublished(file) && (await contentAt(file.path)) !== file.hash) changed.push(file.path);
  }
  return changed;
}

/** An object whose former copy is lost can't be judged. */
async function listRemoteChanged(storage: PlainStorage, files: readonly RemotePublished[]): Promise<string[]> {
  const judged = await judgeRemote(storage, files);
  return judged.flatMap(({ file: { path, hash, remote }, state }) =>
    state === "changed" || (state === "as-before" && remote?.former !== hash) ? [path] : [],
  );
}
