import { type FolderIdentity, type Home, isSameFolder, judgeHome, projectOf } from "../core/home.ts";
import type { Json, JsonObject, VersionRecord } from "../core/run.ts";

/** A former place of the project: of what was recorded before `until`, all below it lies below the present place. */
interface FormerPlace {
  path: string;
  /** Digits and letters of a time or an id, which begin alike. */
  until: string;
}

/** The places that the project of a state folder has had, and the one that it has now. */
export interface MovedPlaces {
  before: readonly FormerPlace[];
  now: string;
}

/** Greater than any time. */
const STILL = "~";

/**
 * Finds the former places of a project that was renamed with its state folder. Null if it never was, if the former paths still
 * lead to it, and for a copy, whose recorded places are the original's. `lookAt` says which folder is at a path now.
 */
export function findMoved(
  homes: readonly Home[],
  here: FolderIdentity,
  lookAt: (path: string) => FolderIdentity | null,
): MovedPlaces | null {
  if (judgeHome(homes.at(-1), here, lookAt) === "copied") return null;
  const line = homes.slice(homes.findLastIndex(({ cause }) => cause !== "renamed"));
  const before = line.flatMap(({ path }, index) => {
    const there = path === here.path ? here : lookAt(path);
    if (there !== null && isSameFolder(there, here)) return [];
    return [{ path: projectOf(path), until: toMoment(line[index + 1]?.time ?? STILL) }];
  });
  return before.length === 0 ? null : { before, now: projectOf(here.path) };
}

/** Returns the present place of what was recorded at `path`. `moment`: a time, or the id of a session or an attempt. */
export function toPresent({ before, now }: MovedPlaces, path: string, moment: string): string {
  const then = toMoment(moment);
  const from = before.find((former) => then < former.until && isWithin(former.path, path));
  return from === undefined ? path : `${now}${path.slice(from.path.length)}`;
}

/** Returns every path under which a present place may be on record: its own first. */
export function listRecorded({ before, now }: MovedPlaces, path: string): string[] {
  if (!isWithin(now, path)) return [path];
  return [...new Set([path, ...before.map((former) => `${former.path}${path.slice(now.length)}`)])];
}

/** The same of a version, with all paths that its catalog entry names. */
export function relocateVersion<T extends VersionRecord>(moved: MovedPlaces, version: T, moment: string): T {
  const { location, plain_location, entry } = version;
  const move = (path: string) => toPresent(moved, path, moment);
  return {
    ...version,
    location: move(location),
    plain_location: plain_location === null ? null : move(plain_location),
    entry: entry === null ? null : { ...entry, config: mapTexts(entry.config, move) as JsonObject },
  };
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]));
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Times have colons where ids have points. */
function toMoment(text: string): string {
  return text.replaceAll(/[:.]/g, "");
}
