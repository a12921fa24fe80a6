import { existsSync, mkdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WatchedFile } from "../../core/fingerprint.ts";
import { readRecord } from "../../processes/read-record.ts";
import { measurePath } from "../../versions/find-change.ts";
import { hashPath } from "../../versions/hash.ts";
import { markData } from "../../versions/tree/tree.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";
import { openTreeCache, SETTLED_AFTER_MS, type TreeCache } from "./tree-cache.ts";

const ENTRY_LIMIT = 100_000;

/** A file or folder that was looked at. */
export interface KnownFile extends Required<WatchedFile> {
  hash: string;
}

/** Hashes by path, valid until the file is written or replaced. */
export interface ContentCache {
  /** Throws what the system says if the path can't be read. */
  look(path: string): Promise<KnownFile>;
  /** Returns the file only if its hash is known already; else null. */
  recall(path: string): Promise<KnownFile | null>;
  /** Folders, file by file. */
  trees: Pick<TreeCache, "look">;
  /** Keeps what was learnt for the next time. What can't be written is only slower. */
  save(): void;
}

export function contentCachePath(stateFolder: string): string {
  return join(stateFolder, "cache", "content.json");
}

/** The hashes kept in `file`; one that is missing or damaged is an empty one. */
export function openContentCache(file: string, now: () => number): ContentCache {
  const stored = readStored(file);
  const underWay = new Map<string, Promise<KnownFile>>();
  const trees = openTreeCache(join(dirname(file), "trees"), now);
  let changed = false;
  const recall = (path: string, mark: string): KnownFile | null => {
    const known = stored.get(path);
    return known?.mark === mark ? known : null;
  };
  const look = async (path: string): Promise<KnownFile> => {
    if ((await stat(path)).isDirectory()) {
      const { bytes, modifiedMs, mark, hash } = await trees.look({ path, suffix: "", ignored: [] });
      if (hash !== null) return { path, bytes, modifiedMs, mark, hash };
    }
    const mark = await markData({ path });
    const known = recall(path, mark);
    if (known !== null) return known;
    const measured = await measurePath(path);
    const { hash } = await hashPath({ path });
    const found = { path, ...measured, mark, hash };
    if (now() - measured.modifiedMs > SETTLED_AFTER_MS) {
      stored.set(path, found);
      changed = true;
    }
    return found;
  };
  return {
    look: (path) => {
      const found = underWay.get(path) ?? look(path);
      underWay.set(path, found);
      return found;
    },
    recall: async (path) => recall(path, await markData({ path })),
    trees,
    save: () => {
      trees.save();
      if (changed) writeStored(file, stored);
      changed = false;
    },
  };
}

function readStored(file: string): Map<string, KnownFile> {
  try {
    const entries = JSON.parse(readRecord(file) ?? "[]") as unknown;
    return new Map(Array.isArray(entries) ? entries.filter(isKnownFile).map((entry) => [entry.path, entry]) : []);
  } catch {
    return new Map();
  }
}

function isKnownFile(value: unknown): value is KnownFile {
  if (typeof value !== "object" || value === null) return false;
  const { path, bytes, modifiedMs, hash, mark } = value as Record<string, unknown>;
  const isText = [path, hash, mark].every((text) => typeof text === "string");
  return isText && Number.isFinite(bytes) && Number.isFinite(modifiedMs);
}

function writeStored(file: string, stored: ReadonlyMap<string, KnownFile>): void {
  try {
    const folder = dirname(file);
    // The state folder itself is not made: a look at files is no reason for one.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    sweepTemporaries(folder);
    writeFileWhole(file, JSON.stringify([...stored.values()].slice(-ENTRY_LIMIT)));
  } catch {
    // A full or read-only disk: the next plan hashes again.
  }
}
