import { existsSync, readdirSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { DatasetFacts, ProbeAnswer, SliceFacts } from "../../core/project-facts.ts";
import { readManifest } from "../attempt-files.ts";

/** Facts that a worker tells of a dataset. Without those that a look at its data tells, unless only the worker can look. */
export type ToldDataset = Omit<DatasetFacts, "latest_version" | "is_missing"> &
  Partial<Pick<DatasetFacts, "latest_version" | "is_missing">>;

/** An answer without a look at the data on this disk. */
export type ToldAnswer = Omit<ProbeAnswer, "slices"> & { slices: Record<string, ToldSlice> };
export type ToldSlice = Omit<SliceFacts, "datasets"> & { datasets: Record<string, ToldDataset> };

const PATTERN = /[*?[]/;

/** An answer with what is there now. What an attempt in the folder `attempts` saved counts only if it succeeded. */
export function lookAtData({ slices, ...answer }: ToldAnswer, attempts: string): ProbeAnswer {
  const looked = Object.entries(slices).map(([key, slice]) => {
    const datasets = Object.entries(slice.datasets).map(([name, facts]) => [name, look(facts, attempts)] as const);
    return [key, { ...slice, datasets: Object.fromEntries(datasets) }] as const;
  });
  return { ...answer, slices: Object.fromEntries(looked) };
}

function look(told: ToldDataset, attempts: string): DatasetFacts {
  const { location, versioned } = told;
  // Remote data and patterns of names are never known to be absent.
  const isLocal = location !== null && isAbsolute(location);
  const is_missing = isLocal && !versioned && !PATTERN.test(location) && !existsSync(location);
  const latest_version = isLocal && versioned ? findLatest(location, attempts) : null;
  return { latest_version, is_missing, ...told };
}

/** The version that Kedro would load now: the last in order that holds the file. Null if there is none. */
function findLatest(location: string, attempts: string): string | null {
  const versions = listVersions(location);
  const file = basename(location);
  return (
    versions.find((version) => existsSync(join(location, version, file)) && !isUnfinished(attempts, version)) ?? null
  );
}

/** Newest first. Kedro compares whole paths, byte by byte: the `/` after a version counts. */
function listVersions(location: string): string[] {
  try {
    return readdirSync(location)
      .map((version) => Buffer.from(`${version}/`))
      .sort((a, b) => Buffer.compare(b, a))
      .map((path) => path.subarray(0, -1).toString());
  } catch {
    return [];
  }
}

/** True if a version was saved by one of the attempts that failed, was cut off or still goes on. */
function isUnfinished(attempts: string, version: string): boolean {
  const folder = join(attempts, version);
  if (!existsSync(folder)) return false;
  try {
    const manifest = readManifest(folder) as { status?: unknown } | null;
    return manifest?.status !== "success";
  } catch {
    return true;
  }
}
