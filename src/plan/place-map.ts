import type { PlannedRun } from "./plan.ts";

/** A run that reads or writes a place under some name. */
export interface Access {
  run: PlannedRun;
  dataset: string;
  /** A versioned dataset of which the project has no version. */
  lacksVersion: boolean;
}

/** Accesses by place. A file in the folder of a partitioned dataset is part of that dataset, so folders count too. */
export interface PlaceMap {
  add(place: string, access: Access): void;
  entries(): Iterable<[string, readonly Access[]]>;
  /** The accesses to `place` and to the folders above it. */
  findAtOrAbove(place: string): readonly Access[];
  /** The accesses to all that has a file in common with `place`. */
  findOverlapping(place: string): readonly Access[];
}

export function createPlaceMap(): PlaceMap {
  const byPlace = new Map<string, Access[]>();
  let byFolder: Map<string, Access[]> | null = null;
  const findAtOrAbove = (place: string): readonly Access[] => {
    return [place, ...listFolders(place)].flatMap((each) => byPlace.get(each) ?? []);
  };
  return {
    add(place, access) {
      push(byPlace, place, access);
      byFolder = null;
    },
    entries: () => byPlace,
    findAtOrAbove,
    findOverlapping(place) {
      byFolder ??= indexFolders(byPlace);
      return [...findAtOrAbove(place), ...(byFolder.get(place) ?? [])];
    },
  };
}

function indexFolders(byPlace: ReadonlyMap<string, Access[]>): Map<string, Access[]> {
  const byFolder = new Map<string, Access[]>();
  for (const [place, accesses] of byPlace) {
    for (const folder of listFolders(place)) for (const access of accesses) push(byFolder, folder, access);
  }
  return byFolder;
}

function push(accesses: Map<string, Access[]>, place: string, access: Access): void {
  const known = accesses.get(place);
  if (known === undefined) accesses.set(place, [access]);
  else known.push(access);
}

function listFolders(place: string): string[] {
  const folders: string[] = [];
  for (let end = place.lastIndexOf("/"); end > 0; end = place.lastIndexOf("/", end - 1))
    folders.push(place.slice(0, end));
  return folders;
}
