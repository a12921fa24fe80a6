import type { KeptObject, PlainStorage, PublishedState } from "../core/plain-storage.ts";
import type { PublishedFile, TrashManifest } from "../core/trash-manifest.ts";
import { keepingPlace } from "./remote-places.ts";
import { findEntry, openEntry, type TrashEntry } from "./trash.ts";

/** A file that was published on remote storage. */
export type RemotePublished = PublishedFile & Required<Pick<PublishedFile, "remote">>;

export function isRemotePublished(file: PublishedFile): file is RemotePublished {
  return file.remote !== undefined;
}

/**
 * Keeps what stands where a version is about to be published, object by object, in the publishing run's own place on the same
 * storage; the trash has an entry that says so. Called again after an interruption it goes on with what it saw first. Throws
 * RemoteStorageError.
 */
export async function keepRemoteFormer({
  trash,
  about,
  source,
  target,
  storage,
}: {
  trash: string;
  about: Omit<TrashManifest, "format" | "items" | "published">;
  source: string;
  target: string;
  storage: PlainStorage;
}): Promise<TrashEntry> {
  const known = findEntry(trash, about.id);
  const entry = known ?? (await openEntry(trash, await describe(about, { source, target, storage })));
  const kept = (entry.manifest.published ?? []).filter(isRemotePublished).map(toKept);
  await storage.keep(kept.flatMap(({ path, former, kept }) => (kept === null ? [] : [{ path, former, kept }])));
  return entry;
}

async function describe(
  about: Omit<TrashManifest, "format" | "items" | "published">,
  { source, target, storage }: { source: string; target: string; storage: PlainStorage },
): Promise<TrashManifest> {
  const place = keepingPlace(source, "before", about);
  if (place === null) throw new Error(`${source} is in no place of its run's own`);
  const published = (await storage.look(target)).map(({ path, hash, former }, index): PublishedFile => {
    const kept = former === null ? null : `${place}/${index}`;
    return { path, hash, former: null, made: null, remote: { former, kept } };
  });
  return { format: 1, ...about, items: [], published };
}

export async function judgeRemote(
  storage: PlainStorage,
  files: readonly RemotePublished[],
): Promise<{ file: PublishedFile; state: PublishedState }[]> {
  if (files.length === 0) return [];
  const states = await storage.judge(files.map(toKept));
  return files.map((file, index) => ({ file, state: states[index] ?? "changed" }));
}

/** Puts back what stood there; what somebody wrote there since goes to a place of the publishing run's own. */
export async function undoRemote(
  storage: PlainStorage,
  { entry, version, file, state }: { entry: TrashEntry; version: string; file: RemotePublished; state: PublishedState },
): Promise<void> {
  const { path, remote } = file;
  const place = keepingPlace(version, "rollback", entry.manifest);
  if (state === "changed" && place !== null) {
    const at = (entry.manifest.published ?? []).indexOf(file);
    await storage.keep([{ path, former: null, kept: `${place}/${at}` }]);
  }
  await storage.undo([{ path, kept: remote.kept }]);
}

function toKept({ path, hash, remote }: RemotePublished): KeptObject {
  return { path, hash, ...remote };
}
