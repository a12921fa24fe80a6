import { countBytes } from "../compose/trash/discard-attempt.ts";
import type { TrashItem, TrashManifest } from "../core/trash-manifest.ts";
import type { TrashRow } from "../report/result/trash-table.ts";
import { listEntryForms } from "../report/text/short-ids.ts";
import type { TrashEntry } from "../versions/trash/trash.ts";
import { CliError } from "./errors.ts";

/** An entry of the trash as a table shows it. */
export function toTrashRow({ manifest }: TrashEntry): TrashRow {
  const { id, run, time, reason, items } = manifest;
  return { id, run, time, reason, bytes: countBytes(items) };
}

/** Finds an entry by its id, whole or as it is shown; null if there is none. Throws CliError if several are shown so. */
export function findEntryById(entries: readonly TrashEntry[], id: string): TrashEntry | null {
  const whole = entries.find(({ manifest }) => manifest.id === id);
  if (whole !== undefined) return whole;
  const [only = null, ...others] = entries.filter(({ manifest }) => listEntryForms(manifest.id).includes(id));
  if (others.length > 0) throw refuseAmbiguous(id, only === null ? others : [only, ...others]);
  return only;
}

/** Refuses a word that several entries have. */
export function refuseAmbiguous(id: string, entries: readonly TrashEntry[]): CliError {
  const hint = `name one of them: ${entries.map(({ manifest }) => manifest.id).join(", ")}`;
  return new CliError("ambiguous-id", `${entries.length} entries of the trash are of "${id}"`, { hint });
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
