import { existsSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { DatasetFacts, ProjectFacts, SliceFacts } from "../../core/project-facts.ts";
import type { FrozenRead } from "../../core/read.ts";
import { listFrozen } from "../../core/select-reads.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import type { LockedPin } from "../../resolve/lock/lock.ts";

/** Finds the pin in a lock file of a dataset that a run reads; null if there is none. */
export type HoldVersion = (run: string, dataset: string) => LockedPin | null;

/** Datasets whose version a lock file chose, by run: dataset -> the project's newest version. */
type HeldVersions = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** A version that was read for a lock file's sake though there is a newer one. */
export interface HeldVersion {
  run: string;
  dataset: string;
  version: string;
  newest: string;
}

/** The facts with the held versions as if they were the newest, as far as they are still there. */
export function holdVersions(
  facts: ProjectFacts,
  hold: HoldVersion | undefined,
): { facts: ProjectFacts; held: HeldVersions } {
  if (hold === undefined) return { facts, held: new Map() };
  const held = new Map<string, Record<string, string>>();
  const changed = Array.from(facts, ([run, slice]): [string, SliceFacts] => {
    const datasets = Object.entries(slice.datasets).map(([dataset, known]): [string, DatasetFacts] => {
      const version = slice.inputs.includes(dataset) ? findHeld(known, hold(run, dataset)) : null;
      if (version === null || known.latest_version === null) return [dataset, known];
      held.set(run, { ...held.get(run), [dataset]: known.latest_version });
      return [dataset, { ...known, latest_version: version }];
    });
    return [run, { ...slice, datasets: Object.fromEntries(datasets) }];
  });
  return { facts: new Map(changed), held };
}

/** Finds a version other than the newest, which still exists as far as can be seen. */
function findHeld({ versioned, location, latest_version }: DatasetFacts, pin: LockedPin | null): string | null {
  const version = pin?.rule === "frozen" ? (pin.version ?? null) : null;
  if (!versioned || location === null || version === null || version === latest_version) return null;
  // A lock file comes with a merge: its versions must be names of folders in the dataset's own.
  if (!isComponent(version)) return null;
  return !isAbsolute(location) || existsSync(join(location, version, basename(location))) ? version : null;
}

function isComponent(version: string): boolean {
  return version !== "" && version !== "." && version !== ".." && !/[/\0]/.test(version);
}

/** The run with what it passed over for the lock file's sake. */
export function noteHeld(planned: PlannedRun, held: Readonly<Record<string, string>> | undefined): PlannedRun {
  if (held === undefined) return planned;
  const noted = listFrozen(planned).flatMap(([dataset, read]): [string, FrozenRead][] => {
    const newest = Object.hasOwn(held, dataset) ? held[dataset] : undefined;
    return newest === undefined ? [] : [[dataset, { ...read, held: true, passed_over: newest }]];
  });
  return { ...planned, reads: { ...planned.reads, ...Object.fromEntries(noted) } };
}
