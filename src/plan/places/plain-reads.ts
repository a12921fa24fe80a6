import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { Place } from "../../core/place.ts";
import type { DatasetFacts, ProjectFacts, RemoteContent, SliceFacts } from "../../core/project-facts.ts";
import { isSupplied, listFrozen } from "../../core/select-reads.ts";
import type { PlannedRun } from "../plan.ts";
import { listOtherPlaces, nameOther } from "./other-places.ts";
import { indexAccesses, type PlaceIndex } from "./place-index.ts";
import { createPlaceMap } from "./place-map.ts";
import { findFacts } from "./places.ts";

/** Something of the project's own that a run only reads. */
export interface PlainPlace {
  /** Absolute, or a URL. */
  path: string;
  /** End of the names of files in a folder of partitions; else empty. */
  suffix: string;
  /** Files in such a folder that are no data. */
  ignored: readonly string[];
  /** The project's version that it is; null for what has none. */
  version: string | null;
  /** Data on remote storage: only the probe could look at them. */
  remote?: RemoteContent;
}

/** Plain reads by dataset. */
export type PlainPlaces = Readonly<Record<string, PlainPlace>>;

const CHECKPOINT = "CHECKPOINT";

/**
 * Lists the project's own data that each run reads, by run: the versions that it is pinned to, and unversioned data.
 * Left out are data that move together with data which the run writes or is given, and reads after a run that may write
 * such paths without a declaration: a command, or a run whose data are not all isolated. `runs` are in an order that
 * can be executed.
 */
export function listPlainReads(runs: readonly PlannedRun[], facts: ProjectFacts): ReadonlyMap<string, PlainPlaces> {
  const found = new Map<string, PlainPlaces>();
  const index = indexAccesses(runs, facts);
  const writers = new Set<string>();
  for (const planned of runs) {
    const { run, needs } = planned;
    const isAfterWriter = needs.some((need) => writers.has(need));
    if (isAfterWriter || mayWriteAnywhere(planned)) writers.add(run);
    const slice = facts.get(run);
    if (slice === undefined) continue;
    const reads = listVersions(planned, slice);
    if (!isAfterWriter) reads.push(...listReads(planned, slice, index));
    if (reads.length > 0) found.set(run, Object.fromEntries(reads));
  }
  return found;
}

function mayWriteAnywhere({ task }: PlannedRun): boolean {
  return isProcess(task) || task.isolate !== "all";
}

/** Lists versions: a command may write anywhere, but a version is never written again. */
function listVersions(planned: PlannedRun, slice: SliceFacts): [string, PlainPlace][] {
  return listFrozen(planned).flatMap(([dataset, { version }]): [string, PlainPlace][] => {
    const known = findFacts(slice, dataset);
    const location = known?.location ?? null;
    if (location === null) return [];
    const path = `${location}/${version}/${location.slice(location.lastIndexOf("/") + 1)}`;
    const read = placeRead({ path, suffix: "", ignored: [], version }, known?.content);
    return read === null ? [] : [[dataset, read]];
  });
}

function listReads(planned: PlannedRun, slice: SliceFacts, index: PlaceIndex): [string, PlainPlace][] {
  const { task } = planned;
  if (!hasCatalog(task)) return [];
  const given = createPlaceMap();
  const candidates: { dataset: string; read: PlainPlace; places: readonly Place[] }[] = [];
  for (const dataset of slice.inputs) {
    const { location = null, versioned = false, places = [], type = "", content } = findFacts(slice, dataset) ?? {};
    if (isSupplied(planned.reads, dataset)) {
      for (const place of places) given.add(place, { run: planned, dataset, lacksVersion: false });
    } else if (location !== null && !versioned && !task.floating.includes(dataset)) {
      // The dataset writes its checkpoint there, under `isolate: none`.
      const ignored = type.endsWith("IncrementalDataset") ? [CHECKPOINT] : [];
      const read = placeRead({ path: location, suffix: places[0]?.suffix ?? "", ignored, version: null }, content);
      if (read !== null) candidates.push({ dataset, read, places });
    }
  }
  // An author who lists one of two names of a file under `floating`, and writes it, answers for reads by the other name
  // too.
  const isMoved = (place: Place): boolean =>
    index.floatingWrites.findOverlapping(place).length > 0 ||
    index.ownWrites.findOverlapping(place).some(({ run }) => run.run === planned.run) ||
    index.plainWrites.findOverlapping(place).length > 0 ||
    given.findOverlapping(place).length > 0;
  for (const other of listOtherPlaces(planned, planned.reads, slice)) {
    if (other.access === "write" || !other.is_there) continue;
    const read = { path: other.path, suffix: "", ignored: [], version: null };
    candidates.push({ dataset: nameOther(other), read, places: [placeOf(other)] });
  }
  return candidates.flatMap(({ dataset, read, places }) => (places.some(isMoved) ? [] : [[dataset, read]]));
}

/** Null for what is neither on this machine nor where the probe could look. */
function placeRead(read: PlainPlace, content: DatasetFacts["content"]): PlainPlace | null {
  if (read.path.startsWith("/")) return read;
  return content?.path === read.path ? { ...read, remote: content } : null;
}

function placeOf({ path }: { path: string }): Place {
  return { path, suffix: null };
}
