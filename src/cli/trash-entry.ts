import { countBytes } from "../compose/trash/discard-attempt.ts";
import type { TrashItem, TrashManifest } from "../core/trash-manifest.ts";
import type { TrashRow } from "../report/result/trash-table.ts";
import type { TrashEntry } from "../versions/trash/trash.ts";

/** An entry of the trash as a table shows it. */
export function toTrashRow({ manifest }: TrashEntry): TrashRow {
  const { id, run, time, reason, items } = manifest;
  return { id, run, time, reason, bytes: countBytes(items) };
}

/** Bytes of all these entries; null if the size of one is unknown. */
export function bytesOf(entries: readonly TrashEntry[]): number | null {
  return countBytes(entries.flatMap(({ manifest }) => manifest.items));
}

interface EntryJson extends Omit<TrashManifest, "format" | "items"> {
  bytes: number | null;
  items: Omit<TrashItem, "name">[];
}

/** An entry of the trash for scripts. */
export function toEntryJson({ manifest }: TrashEntry): EntryJson {
  const { format: _, items, ...about } = manifest;
  const places = items.map(({ original, kind, bytes, hash }) => ({ original, kind, bytes, hash }));
  return { ...about, bytes: countBytes(items), items: places };
}
