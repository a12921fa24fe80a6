import type { KeptObject, PlainObject, PlainStorage, PublishedState } from "../../core/port/plain-storage.ts";
import type { PublishedFile, TrashManifest } from "../../core/trash-manifest.ts";
import { keepingPlace } from "../remote-places.ts";
import { openEntry, type TrashEntry } from "../trash/trash.ts";
import { PlaceChangedError } from "./keep-former.ts";
import { type AboutFormer, findTries, isOf, nextTry } from "./tries.ts";

/** A file that was published on remote storage. */
export type RemotePublished = PublishedFile & Required<Pick<PublishedFile, "remote">>;

export function isRemotePublished(file: PublishedFile): file is RemotePublished {
  return file.remote !== undefined;
}

export interface KeptRemoteFormer {
  entry: TrashEntry;
  /** Paths that were written to since an earlier try: their present objects are kept, too. */
  rewritten: readonly string[];
}

/**
 * Keeps what stands where a version is about to be published, object by object, in the publishing run's own place on the same
 * storage; the trash has an entry that says so. A later try goes on as `keepFormer` does. Throws RemoteStorageError;
 * PlaceChangedError.
 */
export async function keepRemoteFormer({
  trash,
  about,
  source,
  target,
  storage,
}: {
  trash: string;
  about: AboutFormer;
  source: string;
  target: string;
  storage: PlainStorage;
}): Promise<KeptRemoteFormer> {
  const tries = findTries(trash, about.id);
  const last = tries.at(-1) ?? null;
  const objects = await storage.look(target);
  const rewritten = last === null ? [] : listRewritten(last, objects);
  const goesOn = last !== null && rewritten.length === 0 && isOf(last, about, objects);
  const id = nextTry(about.id, tries);
  const place = findPlace(source, about, id);
  const entry = goesOn ? last : await openEntry(trash, describe({ ...about, id }, { last, place, objects }));
  const kept = (entry.manifest.published ?? []).filter(isRemotePublished).map(toKept);
  await storage.keep(kept.flatMap(({ path, former, kept }) => (kept === null ? [] : [{ path, former, kept }])));
  const states = await storage.judge(kept);
  const changed = kept.find((_, index) => states[index] === "changed");
  if (changed !== undefined) throw new PlaceChangedError(changed.path);
  return { entry, rewritten };
}

/** Paths that hold neither what the last try found there nor what it put there. */
function listRewritten(last: TrashEntry, objects: readonly PlainObject[]): string[] {
  const rewritten = objects.filter(({ path, former }) => {
    const file = findFile(last, path);
    return file !== undefined && former !== file.hash && former !== file.remote.former;
  });
  return rewritten.map(({ path }) => path);
}

/** Each try has a place of its own. */
function findPlace(source: string, about: AboutFormer, id: string): string {
  const place = keepingPlace(source, "before", about);
  if (place === null) throw new Error(`${source} is not in a folder of its own run`);
  return `${place}${id.slice(about.id.length)}`;
}

function describe(
  about: AboutFormer,
  { last, place, objects }: { last: TrashEntry | null; place: string; objects: readonly PlainObject[] },
): TrashManifest {
  const published = objects.map(({ path, hash, former }, index): PublishedFile => {
    const file = last === null ? undefined : findFile(last, path);
    // A place with the object of an earlier try has as its former object the one that it kept.
    const isOurs = file !== undefined && former === file.hash;
    const kept = former === null ? null : `${place}/${index}`;
    return { path, hash, former: null, remote: isOurs ? file.remote : { former, kept } };
  });
  return { format: 1, ...about, items: [], published };
}

function findFile({ manifest }: TrashEntry, path: string): RemotePublished | undefined {
  return manifest.published?.filter(isRemotePublished).find((file) => file.path === path);
}

export async function judgeRemote(
  storage: PlainStorage,
  files: readonly RemotePublished[],
): Promise<{ file: PublishedFile; state: PublishedState }[]> {
  if (files.length === 0) return [];
  const states = await storage.judge(files.map(toKept));
  return files.map((file, index) => ({ file, state: states[index] ?? "changed" }));
}

/** Puts the former object back; one that was written there since goes to a place of the publishing run's own. */
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
