import { type FolderIdentity, type Home, isSameFolder, judgeHome, listMoves, type Move } from "../core/home.ts";
import { mapTexts } from "../core/json.ts";
import type { VersionRecord } from "../core/run.ts";

/** A folder that has moved: of what was recorded before `until`, all below `from` lies below `to`. */
interface MovedFolder extends Move {
  /** Digits and letters of a time or an id, which begin alike. */
  until: string;
  /** The folder is that of an original, which may still be there, and this one is a copy of it. */
  isCopied: boolean;
}

/** The folders that have moved with a state folder. */
export interface MovedPlaces {
  folders: readonly MovedFolder[];
  /** Tells if something is at a path: a copy reads what it has itself only where the original's is gone. */
  isThere(path: string): boolean;
}

/** Questions about the disk. */
export interface Disk {
  /** Says which folder is at a path now. */
  lookAt(path: string): FolderIdentity | null;
  isThere(path: string): boolean;
}

/** Greater than any time. */
const STILL = "~";

/**
 * Finds what has moved with a state folder since it was made. Null if nothing has, or the former paths still lead to it. Copies
 * are said to be such.
 */
export function findMoved(homes: readonly Home[], here: FolderIdentity, { lookAt, isThere }: Disk): MovedPlaces | null {
  const isCopy = judgeHome(homes.at(-1), here, lookAt) === "copied";
  const start = isCopy ? homes.length : homes.findLastIndex(({ cause }) => cause !== "renamed");
  const formers = homes.map(({ path }) => path);
  const folders = listMoves(formers, here.path).flatMap((moves, index) => {
    const [{ from }] = moves;
    const there = from === here.path ? here : lookAt(from);
    if (there !== null && isSameFolder(there, here)) return [];
    const isCopied = index < start;
    const until = toMoment(homes[isCopied ? start : index + 1]?.time ?? STILL);
    return moves.map((move) => ({ ...move, until, isCopied }));
  });
  return folders.length === 0 ? null : { folders, isThere };
}

/** Returns the present place of what was recorded at `path`. `moment`: a time, or the id of a session or an attempt. */
export function toPresent({ folders, isThere }: MovedPlaces, path: string, moment: string): string {
  const then = toMoment(moment);
  const moved = folders.find(({ from, until }) => then < until && isWithin(from, path));
  if (moved === undefined) return path;
  const present = `${moved.to}${path.slice(moved.from.length)}`;
  return moved.isCopied && (isThere(path) || !isThere(present)) ? path : present;
}

/** Returns every path under which a present place may be on record: its own first. */
export function listRecorded({ folders }: MovedPlaces, path: string): string[] {
  const own = folders.filter(({ to, isCopied }) => !isCopied && isWithin(to, path));
  return [...new Set([path, ...own.map(({ from, to }) => `${from}${path.slice(to.length)}`)])];
}

/** The same of a version, with all paths that its catalog entry names. */
export function relocateVersion<T extends VersionRecord>(moved: MovedPlaces, version: T, moment: string): T {
  const { location, plain_location, entry } = version;
  const move = (path: string) => toPresent(moved, path, moment);
  return {
    ...version,
    location: move(location),
    plain_location: plain_location === null ? null : move(plain_location),
    entry: entry === null ? null : { ...entry, config: mapTexts(entry.config, move) },
  };
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Times have colons where ids have points. */
function toMoment(text: string): string {
  return text.replaceAll(/[:.]/g, "");
}
