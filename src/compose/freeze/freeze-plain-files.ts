import { stat } from "node:fs/promises";
import { relative } from "node:path";
import type { ProjectFacts } from "../../core/project-facts.ts";
import type { PlainFile, Read } from "../../core/read.ts";
import { findRead } from "../../core/select-reads.ts";
import { listPlainReads, type PlainPlace } from "../../plan/places/plain-reads.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { READ_BYTES } from "../../versions/tree/tree-change.ts";
import type { ContentCache } from "../reuse/content-cache.ts";

interface FreezeOptions {
  facts: ProjectFacts;
  content: Pick<ContentCache, "look" | "recall" | "trees">;
  /** State folder: inside a folder that is read, it is no data. */
  stateFolder: string;
}

/**
 * Adds to each run the files and folders of the project that it only reads, as they are now: of a frozen version, its
 * content. What is not there is left to the run to miss.
 */
export async function freezePlainFiles(runs: readonly PlannedRun[], options: FreezeOptions): Promise<PlannedRun[]> {
  const reads = listPlainReads(runs, options.facts);
  const wanted = new Map([...reads.values()].flatMap((read) => Object.values(read)).map((read) => [keyOf(read), read]));
  const files = new Map<string, PlainFile>();
  for (const [key, read] of wanted) {
    const file = await freezeRead(read, options);
    if (file !== null) files.set(key, file);
  }
  return runs.map((run) => {
    const seen = Object.entries(reads.get(run.run) ?? {}).flatMap(([dataset, read]): [string, Read][] => {
      const file = files.get(keyOf(read));
      if (file === undefined) return [];
      const known = findRead(run.reads, dataset);
      return [[dataset, known?.rule === "frozen" ? { ...known, file } : { rule: "plain", file }]];
    });
    return seen.length === 0 ? run : { ...run, reads: { ...run.reads, ...Object.fromEntries(seen) } };
  });
}

function keyOf(read: PlainPlace): string {
  return JSON.stringify(read);
}

async function freezeRead(read: PlainPlace, options: FreezeOptions): Promise<PlainFile | null> {
  try {
    return await freezePlace(read, options);
  } catch {
    return null;
  }
}

async function freezePlace(read: PlainPlace, options: FreezeOptions): Promise<PlainFile | null> {
  const { path, remote } = read;
  if (remote !== undefined) return { path, bytes: remote.bytes ?? 0, modifiedMs: null, hash: remote.hash };
  const found = await stat(path);
  return found.isDirectory() ? await freezeFolder(read, options) : await freezeFile(path, options);
}

async function freezeFile(path: string, { content }: FreezeOptions): Promise<PlainFile | null> {
  const found = await stat(path);
  if (!found.isFile()) return null;
  // A larger file is known by its size and time unless its hash is known already.
  const known = found.size > READ_BYTES ? await content.recall(path) : await content.look(path);
  const { size, mtimeMs } = found;
  if (known === null) return { path, bytes: size, modifiedMs: mtimeMs, hash: null };
  return { path, bytes: known.bytes, modifiedMs: known.modifiedMs, hash: known.hash };
}

async function freezeFolder(read: PlainPlace, { content, stateFolder }: FreezeOptions): Promise<PlainFile | null> {
  const { path, suffix } = read;
  if (stateFolder === path) return null;
  const ignored = [...read.ignored, ...(stateFolder.startsWith(`${path}/`) ? [relative(path, stateFolder)] : [])];
  const { bytes, modifiedMs, hash, files, mark, listing } = await content.trees.look({ path, suffix, ignored });
  return { path, bytes, modifiedMs, hash, tree: { suffix, ignored, files, mark, listing } };
}
