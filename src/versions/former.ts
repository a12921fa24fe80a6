import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { link, lstat, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PublishedState } from "../core/plain-storage.ts";
import type { PublishedFile, TrashItem, TrashManifest } from "../core/trash-manifest.ts";
import { kindAt } from "./data-kind.ts";
import type { PublishedPath } from "./files-beside.ts";
import { hashPath } from "./hash.ts";
import { copyTree, isThere } from "./move-path.ts";
import { listCopied } from "./publish.ts";
import { movingBeside } from "./staging.ts";
import { findEntry, openEntry, type TrashEntry } from "./trash.ts";
import { itemPath } from "./trash-manifest.ts";
import { syncFolder } from "./write-file.ts";

/** Of a path that a session publishes to once. */
export function formerId(sessionId: string, location: string): string {
  return `published-over-${sessionId}-${createHash("sha256").update(location).digest("hex").slice(0, 8)}`;
}

/**
 * Keeps what stands where a version is about to be published, file by file, in the trash: by a hard link, else by a copy.
 * Called again after an interruption it goes on with what it saw first, never taking what was published for what stood there.
 */
export async function keepFormer({
  trash,
  about,
  paths,
}: {
  trash: string;
  about: Omit<TrashManifest, "format" | "items" | "published">;
  paths: readonly PublishedPath[];
}): Promise<TrashEntry> {
  const entry = findEntry(trash, about.id) ?? (await openEntry(trash, await describe(about, paths)));
  for (const item of entry.manifest.items) await keepItem(entry, item);
  return entry;
}

async function describe(
  about: Omit<TrashManifest, "format" | "items" | "published">,
  paths: readonly PublishedPath[],
): Promise<TrashManifest> {
  const items: TrashItem[] = [];
  const published: PublishedFile[] = [];
  for await (const [from, path] of pairAll(paths)) {
    const { hash } = await hashPath({ path: from });
    const found = await lstat(path).catch(() => null);
    const made = found === null ? findMade(path) : null;
    if (found?.isFile()) {
      const former = await hashPath({ path });
      items.push({ name: String(items.length), original: path, kind: "file", ...former });
    }
    published.push({ path, hash, former: found?.isFile() ? String(items.length - 1) : null, made });
  }
  return { format: 1, ...about, items, published };
}

async function* pairAll(paths: readonly PublishedPath[]): AsyncGenerator<[from: string, to: string]> {
  for (const { source, target } of paths) yield* pairFiles(await realpath(source), target);
}

/** Each file of a version, and where it goes. */
async function* pairFiles(source: string, target: string): AsyncGenerator<[from: string, to: string]> {
  if (!(await stat(source)).isDirectory()) {
    yield [source, target];
    return;
  }
  for (const name of (await listCopied(source)).sort()) yield* pairFiles(join(source, name), join(target, name));
}

/** The topmost folder above a path that is not there. */
function findMade(path: string): string | null {
  let made: string | null = null;
  for (let folder = dirname(path); !isThere(folder); folder = dirname(folder)) made = folder;
  return made;
}

async function keepItem({ folder }: TrashEntry, item: TrashItem): Promise<void> {
  const kept = itemPath(folder, item);
  if (isThere(kept) || (await hashOrNull(item.original)) !== item.hash) return;
  try {
    await link(item.original, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    await copyWhole(item.original, kept);
  }
  await syncFolder(dirname(kept));
}

async function copyWhole(from: string, to: string): Promise<void> {
  const staging = movingBeside(to);
  await rm(staging, { force: true });
  await copyTree(from, staging);
  await rename(staging, to);
}

/** What is at a path now; `former-lost` if what stood there before is in the trash no more. */
export async function judgePublished(
  { folder, manifest }: TrashEntry,
  { path, hash, former }: PublishedFile,
): Promise<PublishedState> {
  const item = manifest.items.find(({ name }) => name === former) ?? null;
  const now = await hashOrNull(path);
  if (now === (item?.hash ?? null)) return "as-before";
  if (item !== null && (await hashOrNull(itemPath(folder, item))) !== item.hash) return "former-lost";
  return now === hash ? "published" : "changed";
}

/** Puts back what stood there, in one step, or removes what was published where nothing was. */
export async function undoPublished({ folder, manifest }: TrashEntry, file: PublishedFile): Promise<void> {
  const { path, former, made } = file;
  const item = manifest.items.find(({ name }) => name === former);
  if (item === undefined) {
    await rm(path, { recursive: true, force: true });
    if (made !== null) await removeEmpty(dirname(path), made);
    return;
  }
  const kept = itemPath(folder, item);
  try {
    await rename(kept, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyWhole(kept, path);
    await rm(kept);
  }
  await syncFolder(dirname(path));
}

/** Folders that were made for a publication go with it, if nobody else uses them. */
async function removeEmpty(folder: string, until: string): Promise<void> {
  for (let at = folder; at.startsWith(until); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}

/** A pipe or a link to nothing has no hash, and differs from every version. */
async function hashOrNull(path: string): Promise<string | null> {
  if (!isThere(path)) return null;
  // Nothing is published as a link, so one was put there since, whatever it leads to.
  if (lstatSync(path).isSymbolicLink()) return "a link";
  const kind = await kindAt(path).catch(() => "other");
  return kind === "other" ? "no data" : (await hashPath({ path })).hash;
}
