import { createHash } from "node:crypto";
import { link, lstat } from "node:fs/promises";
import { dirname } from "node:path";
import type { PublishedFile, TrashItem, TrashManifest } from "../../core/trash-manifest.ts";
import type { PublishedPath } from "../files-beside.ts";
import { type Content, hashPath } from "../hash.ts";
import { isThere } from "../move-path.ts";
import { openEntry, type TrashEntry } from "../trash/trash.ts";
import { itemPath } from "../trash/trash-manifest.ts";
import { syncFolder } from "../write-file.ts";
import { contentAt, type Stand, standAt } from "./content-at.ts";
import { copyWhole } from "./copy-whole.ts";
import { listPlaces } from "./published-places.ts";
import { type AboutFormer, findTries, isOf, nextTry } from "./tries.ts";

/** Another process writes to a path in the moment in which a publication is about to replace the file there. */
export class PlaceChangedError extends Error {
  constructor(path: string) {
    super(`${path} changed while it was about to be replaced: \`runweave resume\` publishes once nothing writes there`);
    this.name = "PlaceChanged";
  }
}

export interface KeptFormer {
  entry: TrashEntry;
  /** Throws PlaceChangedError if a path does not hold any more what was found there. */
  assertKept(path: string): void;
  /** Paths that were written to since an earlier try: their present files are kept, too. */
  rewritten: readonly string[];
}

/** Identifies what a session replaces at one path. A later try may have an entry of its own, with a number behind this. */
export function formerId(sessionId: string, location: string): string {
  return `published-over-${sessionId}-${createHash("sha256").update(location).digest("hex").slice(0, 8)}`;
}

/** A file of the version, and what stands where it goes. */
interface Place {
  path: string;
  /** The folder or file that is published. */
  hash: string;
  stand: Stand | null;
  /** Null if the path did not exist. */
  former: Content | null;
}

/**
 * Keeps the files that a publication is about to replace, one by one, in the trash. A later try goes on with the files
 * that an earlier one saw first, and never takes a published file for a former one. If a place was written to in
 * between, it makes an entry of its own: of the present files, and of those that the earlier try kept where its own
 * files still stand. Throws PlaceChangedError.
 */
export async function keepFormer({
  trash,
  about,
  paths,
}: {
  trash: string;
  about: AboutFormer;
  paths: readonly PublishedPath[];
}): Promise<KeptFormer> {
  const tries = findTries(trash, about.id);
  const last = tries.at(-1) ?? null;
  const { files, made } = await listPlaces(paths);
  const places: Place[] = [];
  for (const { from, to } of files) places.push(await lookAt(from, to));
  const rewritten = last === null ? [] : await listRewritten(last, places);
  const goesOn = last !== null && rewritten.length === 0 && isOf(last, about, places);
  const manifest = describe({ ...about, id: nextTry(about.id, tries) }, { last, places, made });
  const entry = goesOn ? last : await openEntry(trash, manifest);
  for (const item of entry.manifest.items) await keepItem(entry, item, tries);
  const marks = new Map(places.map((place) => [place.path, markStill(place)]));
  return { entry, rewritten, assertKept: (path) => assertMark(path, marks.get(path) ?? null) };
}

async function lookAt(from: string, path: string): Promise<Place> {
  const { hash } = await hashPath({ path: from });
  const stand = standAt(path);
  const isFile = (await lstat(path).catch(() => null))?.isFile() === true;
  return { path, hash, stand, former: isFile ? await hashPath({ path }) : null };
}

/** Paths that hold neither what the last try found there nor what it put there. */
async function listRewritten(last: TrashEntry, places: readonly Place[]): Promise<string[]> {
  const rewritten: string[] = [];
  for (const { path, former } of places) {
    const [file, item] = findFile(last, path);
    const now = former?.hash ?? null;
    if (file === undefined || now === file.hash) continue;
    if (now === (item?.hash ?? null) && (item === null || (await isWholeOrMissing(last, item)))) continue;
    rewritten.push(path);
  }
  return rewritten;
}

/** False of a kept link whose file was written to: what was found there first is nowhere, so that it is kept anew. */
async function isWholeOrMissing({ folder }: TrashEntry, item: TrashItem): Promise<boolean> {
  const kept = await contentAt(itemPath(folder, item));
  return kept === null || kept === item.hash;
}

function describe(
  about: AboutFormer,
  { last, places, made }: { last: TrashEntry | null; places: readonly Place[]; made: readonly string[] },
): TrashManifest {
  const items: TrashItem[] = [];
  const published = places.map(({ path, hash, former: now }): PublishedFile => {
    const [file, item] = last === null ? [] : findFile(last, path);
    // A place with the file of an earlier try has as its former file the one that was there before that.
    const former = file !== undefined && now?.hash === file.hash ? (item ?? null) : now;
    if (former === null) return { path, hash, former: null };
    const { bytes, hash: formerHash } = former;
    items.push({ name: String(items.length), original: path, kind: "file", bytes, hash: formerHash });
    return { path, hash, former: String(items.length - 1) };
  });
  return { format: 1, ...about, items, published, folders: [...new Set([...(last?.manifest.folders ?? []), ...made])] };
}

function findFile({ manifest }: TrashEntry, path: string): [PublishedFile | undefined, TrashItem | null] {
  const file = manifest.published?.find((each) => each.path === path);
  return [file, manifest.items.find(({ name }) => name === file?.former) ?? null];
}

/** Keeps one file, from where it stands, or from an earlier try. Where neither has it, it is lost, as a rollback will say. */
async function keepItem(entry: TrashEntry, item: TrashItem, tries: readonly TrashEntry[]): Promise<void> {
  const kept = itemPath(entry.folder, item);
  if (isThere(kept)) return;
  const earlier = tries.flatMap(({ folder, manifest }) =>
    manifest.items.filter(({ original }) => original === item.original).map((each) => itemPath(folder, each)),
  );
  for (const from of [item.original, ...earlier]) {
    if ((await contentAt(from)) !== item.hash) continue;
    await linkOrCopy(from, kept, { isOurs: from !== item.original });
    await syncFolder(dirname(kept));
    return;
  }
}

/**
 * Links the file, so that later writes of a process to the open file are not lost. A file that has another name
 * elsewhere is copied: a write to that name would change the kept one.
 */
async function linkOrCopy(from: string, kept: string, { isOurs }: { isOurs: boolean }): Promise<void> {
  const { nlink } = await lstat(from);
  if (nlink > 1 && !isOurs) return await copyWhole(from, kept);
  try {
    await link(from, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    await copyWhole(from, kept);
  }
}

/** Takes the mark of a place that is kept: keeping it may have changed the number of its links. Throws PlaceChangedError. */
function markStill({ path, stand }: Place): string | null {
  const now = standAt(path);
  if (now?.content !== stand?.content) throw new PlaceChangedError(path);
  return now?.mark ?? null;
}

function assertMark(path: string, mark: string | null): void {
  if ((standAt(path)?.mark ?? null) !== mark) throw new PlaceChangedError(path);
}
