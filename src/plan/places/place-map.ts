import { canShareFile, type Place } from "../../core/place.ts";
import type { PlannedRun } from "../plan.ts";

/** A run that reads or writes a place under some name. */
export interface Access {
  run: PlannedRun;
  dataset: string;
  /** A versioned dataset of which the project has no version. */
  lacksVersion: boolean;
  /** True if the place does not exist now. */
  isMissing?: boolean;
}

/** Accesses by place. A file in the folder of a partitioned dataset is part of that dataset, if it ends as that says. */
export interface PlaceMap {
  add(place: Place, access: Access): void;
  entries(): Iterable<[Place, readonly Access[]]>;
  /** The accesses to what is at `place` or in a folder above it, and shares a file with it. */
  findAtOrAbove(place: Place): readonly Access[];
  /** The accesses to all that has a file in common with `place`. */
  findOverlapping(place: Place): readonly Access[];
}

interface Accessed {
  place: Place;
  accesses: Access[];
}

export function createPlaceMap(): PlaceMap {
  const byPlace = new Map<string, Accessed>();
  const byPath = new Map<string, Accessed[]>();
  let byFolder: Map<string, Accessed[]> | null = null;
  const findAtOrAbove = (place: Place): readonly Access[] => {
    const near = [place.path, ...listFolders(place.path)].flatMap((path) => byPath.get(path) ?? []);
    return listMeeting(near, place);
  };
  return {
    add({ path, suffix }, access) {
      const key = JSON.stringify([path, suffix]);
      const known = byPlace.get(key);
      if (known !== undefined) {
        known.accesses.push(access);
        return;
      }
      const accessed = { place: { path, suffix }, accesses: [access] };
      byPlace.set(key, accessed);
      push(byPath, path, accessed);
      byFolder = null;
    },
    entries: () => Array.from(byPlace.values(), ({ place, accesses }) => [place, accesses]),
    findAtOrAbove,
    findOverlapping(place) {
      byFolder ??= indexFolders(byPlace.values());
      return [...findAtOrAbove(place), ...listMeeting(byFolder.get(place.path) ?? [], place)];
    },
  };
}

function indexFolders(all: Iterable<Accessed>): Map<string, Accessed[]> {
  const byFolder = new Map<string, Accessed[]>();
  for (const accessed of all) for (const folder of listFolders(accessed.place.path)) push(byFolder, folder, accessed);
  return byFolder;
}

function listMeeting(near: readonly Accessed[], place: Place): readonly Access[] {
  return near.flatMap((accessed) => (canShareFile(accessed.place, place) ? accessed.accesses : []));
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [item]);
  else known.push(item);
}

function listFolders(place: string): string[] {
  const folders: string[] = [];
  for (let end = place.lastIndexOf("/"); end > 0; end = place.lastIndexOf("/", end - 1))
    folders.push(place.slice(0, end));
  return folders;
}
