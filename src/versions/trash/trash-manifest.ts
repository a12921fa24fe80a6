import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { basename, isAbsolute, join, normalize } from "node:path";
import { isRunId, type RunId } from "../../core/run-id.ts";
import type { TrashCause } from "../../core/trash.ts";
import type { TrashItem, TrashManifest } from "../../core/trash-manifest.ts";
import { isRemotePlace, ownRemotePlace, trashPlace } from "../remote-places.ts";

const CAUSES: ReadonlySet<string> = new Set<TrashCause>(["cleanup", "gc", "published-over", "rollback"]);
const ID = /^(cleanup|gc|published-over|rollback)-[0-9A-Za-z][0-9A-Za-z._-]{0,150}$/;
const ITEM_NAME = /^\d{1,6}$/;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_TOLD = 200;

/** An entry's folder holds a file that this program does not put there. */
export class TrashFaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TrashFaultError";
  }
}

export function isTrashId(text: string): boolean {
  return ID.test(text) && !text.includes("..");
}

export function manifestPath(folder: string): string {
  return join(folder, "manifest.json");
}

export function itemPath(folder: string, { name }: TrashItem): string {
  return join(folder, "items", name);
}

export function digestOf(content: string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

export interface ReadManifest {
  manifest: TrashManifest;
  /** Digest of the file's bytes, to be compared with the registry's. */
  digest: string;
}

/** Reads the manifest of an entry, which may be forged: throws TrashFaultError unless it can be ours. */
export function readTrashManifest(folder: string, id: string = basename(folder)): ReadManifest {
  const path = manifestPath(folder);
  const text = readText(path);
  const value = parseJson(text);
  const fault = findFault(value, id);
  if (fault !== null) throw new TrashFaultError(`${path}: ${fault}`);
  return { manifest: value as TrashManifest, digest: digestOf(text) };
}

function readText(path: string): string {
  try {
    const found = lstatSync(path);
    // A pipe would block, and a link may lead to a forged file.
    if (!found.isFile()) throw new Error("it is not a regular file");
    if (found.size > MAX_BYTES) throw new Error(`it has ${found.size} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new TrashFaultError(`${path} can't be read: ${(error as Error).message}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function findFault(value: unknown, id: string): string | null {
  if (!isMapping(value)) return "it is not a manifest";
  if (value.format !== 1) return `its format is ${tell(value.format)}, and not 1`;
  if (value.id !== id || !isTrashId(id)) return `it is of ${tell(value.id)}`;
  if (typeof value.cause !== "string" || !CAUSES.has(value.cause)) return "it has no cause that is known";
  const { run_id: runId, session_id: sessionId } = value;
  if (!isText(runId) || !isText(sessionId) || !isRunId(runId) || !isRunId(sessionId)) return "it names no run";
  if (!isText(value.run) || !isText(value.time) || !isText(value.reason)) return "it does not say what it is";
  if (!Array.isArray(value.items)) return "it has no items";
  const names = new Set(value.items.map((item) => (isMapping(item) ? item.name : null)));
  if (names.size !== value.items.length) return "two of its items have one name";
  const strange = findPublishedFault(value.published ?? [], names, runId) ?? findFolderFault(value.folders ?? []);
  if (strange !== null) return strange;
  const isOwn = value.cause === "cleanup" || value.cause === "gc";
  for (const item of value.items) {
    const isRemote = isMapping(item) && item.kind === "remote";
    const fault = isRemote ? findRemoteFault(item, id, runId) : findItemFault(item, isOwn ? runId : null);
    if (fault !== null) return fault;
  }
  return null;
}

function findFolderFault(folders: unknown): string | null {
  if (!Array.isArray(folders)) return "it does not say which folders were made";
  const strange = folders.find((folder) => !isPlace(folder) || folder === "/");
  return strange === undefined ? null : `${tell(strange)} is not a folder of a publication`;
}

function findPublishedFault(published: unknown, names: ReadonlySet<unknown>, runId: RunId): string | null {
  if (!Array.isArray(published)) return "it does not say what was published";
  for (const file of published) {
    const { path, hash, former, made = null, remote } = isMapping(file) ? file : {};
    if (remote !== undefined) {
      const fault = findRemoteFormerFault({ path, hash, former, made, remote }, runId);
      if (fault !== null) return fault;
      continue;
    }
    if (!isPlace(path) || !isText(hash)) return `${tell(path)} is not a path of a publication`;
    if (former !== null && !names.has(former)) return `what stood at ${tell(path)} is not an item of it`;
    const isAbove = made === null || (isPlace(made) && path.startsWith(`${made}/`));
    if (!isAbove) return `${tell(made)} is not a folder above ${tell(path)}`;
  }
  return null;
}

/**
 * Finds the fault of a remote former object: the storage itself puts it back, from a place of the publishing run's own
 * alone.
 */
function findRemoteFormerFault(file: Record<string, unknown>, runId: RunId): string | null {
  const { path, hash, former, made, remote } = file;
  if (!isText(path) || !isRemotePlace(path) || !isText(hash)) return `${tell(path)} is not a path of a publication`;
  const { former: was, kept } = isMapping(remote) ? remote : {};
  const isKept = isText(was) && isText(kept) && ownRemotePlace(kept, runId) !== null && kept !== path;
  const isWhole = former === null && made === null && (isKept || (was === null && kept === null));
  return isWhole ? null : `it does not say what stood at ${tell(path)}`;
}

/** `owner`: the run whose own place it has to be; null where it may be any. */
function findItemFault(item: unknown, owner: string | null): string | null {
  if (!isMapping(item) || !isText(item.name) || !ITEM_NAME.test(item.name)) return "an item has no name of ours";
  const { original, kind, bytes, hash } = item;
  if (!isPlace(original)) return `${tell(original)} is not a path to put anything back to`;
  const place = tell(original);
  if (original === "/" || (owner !== null && basename(original) !== owner)) {
    return `${place} is not a path of ${owner}`;
  }
  if (kind !== "file" && kind !== "folder") return `${place} is neither a file nor a folder`;
  if (bytes !== null && typeof bytes !== "number") return `${place} has no size`;
  return hash === null || isText(hash) ? null : `${place} has no hash`;
}

/** Formats a value that may be megabytes long, or too deep to be written. */
function tell(value: unknown): string {
  if (!isText(value)) return value === undefined ? "nothing" : `a ${value === null ? "null" : typeof value}`;
  return JSON.stringify(value.length > MAX_TOLD ? `${value.slice(0, MAX_TOLD)}…` : value);
}

/**
 * Finds the fault of a remote item: only a place of the run's own, and only the one place in the trash that is meant
 * for it, are allowed.
 */
function findRemoteFault(item: Record<string, unknown>, id: string, runId: RunId): string | null {
  const { name, original, bytes, remote } = item;
  if (!isText(name) || !ITEM_NAME.test(name)) return "an item has no name of ours";
  if (!isText(original) || ownRemotePlace(original, runId) !== original) {
    return `${tell(original)} is not a path of ${runId}`;
  }
  const { target, entry, exact } = isMapping(remote) ? remote : {};
  const isOurs = target === null || target === trashPlace(original, id, name);
  const place = tell(original);
  if (!isOurs) return `${tell(target)} is not where ${place} goes in the trash`;
  if (bytes !== null && typeof bytes !== "number") return `${place} has no size`;
  const isReachable = typeof exact === "boolean" && (entry === null || isMapping(entry));
  return isReachable ? null : `it does not say how ${place} is reached`;
}

function isPlace(path: unknown): path is string {
  return isText(path) && isAbsolute(path) && normalize(path) === path && !path.includes("\0");
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Items for places, in their order. */
export function toItems(places: readonly Omit<TrashItem, "name">[]): TrashItem[] {
  return places.map((place, index) => ({ name: String(index), ...place }));
}
