import { stat } from "node:fs/promises";
import type { ProjectFacts } from "../core/project-facts.ts";
import type { PlainFile } from "../core/runner.ts";
import { listPlainReads } from "../plan/plain-reads.ts";
import type { PlannedRun } from "../plan/plan.ts";
import type { ContentCache } from "./reuse/content-cache.ts";

/** What is larger is known by its size and time unless its hash is known already: a plan should not take minutes. */
const HASHED_BYTES = 256_000_000;

interface FreezeOptions {
  facts: ProjectFacts;
  content: Pick<ContentCache, "look" | "recall">;
}

/**
 * Adds to each run the files of the project that it only reads, as they are now. A file that is not there is left to the
 * run to miss, and a folder is as it is: it may hold files of others, which come and go.
 */
export async function freezePlainFiles(
  runs: readonly PlannedRun[],
  { facts, content }: FreezeOptions,
): Promise<PlannedRun[]> {
  const reads = listPlainReads(runs, facts);
  const paths = new Set([...reads.values()].flatMap((locations) => Object.values(locations)));
  const files = new Map<string, PlainFile>();
  for (const path of paths) {
    const file = await freezeFile(path, content);
    if (file !== null) files.set(path, file);
  }
  return runs.map((run) => {
    const frozen = Object.entries(reads.get(run.run) ?? {}).flatMap(([dataset, path]) => {
      const file = files.get(path);
      return file === undefined ? [] : [[dataset, file] as const];
    });
    return frozen.length === 0 ? run : { ...run, files: Object.fromEntries(frozen) };
  });
}

async function freezeFile(path: string, content: FreezeOptions["content"]): Promise<PlainFile | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return null;
    const known = found.size > HASHED_BYTES ? await content.recall(path) : await content.look(path);
    const { size, mtimeMs } = found;
    if (known === null) return { path, bytes: size, modifiedMs: mtimeMs, hash: null };
    return { path, bytes: known.bytes, modifiedMs: known.modifiedMs, hash: known.hash };
  } catch {
    return null;
  }
}
