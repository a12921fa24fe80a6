import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { TrashEntry } from "../../versions/trash/trash.ts";
import { judgeEntry } from "../home/judge-entry.ts";
import { listPresent } from "./present-entries.ts";

/** How long copies stay that publications made of what they replaced: as long as either keeps them. */
export interface CopyRetention {
  /** So many of each path, the newest. */
  keepLast: number;
  /** ISO, UTC: those that were made at or after it. */
  since: string;
}

export const COPIES_KEPT = 3;
export const COPY_AGE_MS = 30 * 24 * 3_600_000;

/** Entries of the trash in which such copies lie. */
export interface JudgedCopies {
  expired: TrashEntry[];
  kept: TrashEntry[];
}

type CopyPlace = { registry: RegistryReader; folders: StateFolders };

/** Judges all copies in the trash. Those that the registry does not know, or cannot reach, are left out and stay. */
export function judgeCopies(place: CopyPlace, retention: CopyRetention): JudgedCopies {
  const entries = listPresent(place).entries.filter((entry) => isCopy(entry) && judgeEntry(place, entry) === "known");
  const mayBeResumed = ({ manifest }: TrashEntry) => {
    const status = place.registry.findSessionHead(manifest.session_id)?.status;
    return status !== "success" && status !== "cancelled";
  };
  return judgeEntries(entries, retention, mayBeResumed);
}

export function isCopy({ manifest }: TrashEntry): boolean {
  return manifest.cause === "published-over";
}

/** Judges entries by their age, their rank among those of a same path, and whether their session may still publish. */
export function judgeEntries(
  entries: readonly TrashEntry[],
  { keepLast, since }: CopyRetention,
  mayBeResumed: (entry: TrashEntry) => boolean,
): JudgedCopies {
  const newer = new Map<string, number>();
  const judged: JudgedCopies = { expired: [], kept: [] };
  for (const entry of entries.toSorted((a, b) => (a.manifest.time < b.manifest.time ? 1 : -1))) {
    const paths = listPaths(entry);
    const isAmongLast = paths.some((path) => (newer.get(path) ?? 0) < keepLast);
    for (const path of paths) newer.set(path, (newer.get(path) ?? 0) + 1);
    const isKept = isAmongLast || entry.manifest.time >= since || mayBeResumed(entry);
    (isKept ? judged.kept : judged.expired).push(entry);
  }
  return judged;
}

/** Files that its publication wrote; entries without a former file count as well. */
function listPaths({ manifest }: TrashEntry): string[] {
  const { published = [], items } = manifest;
  return published.length > 0 ? published.map(({ path }) => path) : items.map(({ original }) => original);
}
