import { stat } from "node:fs/promises";
import { relative } from "node:path";
import type { PlainFile } from "../../core/port/runner.ts";
import type { ProjectFacts } from "../../core/project-facts.ts";
import { listPlainReads, type PlainRead } from "../../plan/places/plain-reads.ts";
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
 * Adds to each run the files and folders of the project that it only reads, as they are now. What is not there is left to
 * the run to miss.
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
    const frozen = Object.entries(reads.get(run.run) ?? {}).flatMap(([dataset, read]) => {
      const file = files.get(keyOf(read));
      return file === undefined ? [] : [[dataset, file] as const];
    });
    return frozen.length === 0 ? run : { ...run, files: Object.fromEntries(frozen) };
  });
}

function keyOf(read: PlainRead): string {
  return JSON.stringify(read);
}

async function freezeRead(read: PlainRead, options: FreezeOptions): Promise<PlainFile | null> {
  try {
    const file = await freezePlace(read, options);
    return file === null || read.version === null ? file : { ...file, version: read.version };
  } catch {
    return null;
  }
}

async function freezePlace(read: PlainRead, options: FreezeOptions): Promise<PlainFile | null> {
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

async function freezeFolder(read: PlainRead, { content, stateFolder }: FreezeOptions): Promise<PlainFile | null> {
  const { path, suffix } = read;
  if (stateFolder === path) return null;
  const ignored = [...read.ignored, ...(stateFolder.startsWith(`${path}/`) ? [relative(path, stateFolder)] : [])];
  const { bytes, modifiedMs, hash, files, mark, listing } = await content.trees.look({ path, suffix, ignored });
  return { path, bytes, modifiedMs, hash, tree: { suffix, ignored, files, mark, listing } };
}
