import type { TrashManifest } from "../../core/trash-manifest.ts";
import type { HomeContext } from "./home-state.ts";
import { isOwnEntry } from "./own-scope.ts";

/**
 * Relation of an entry of the trash to the registry. `unknown`: the registry counts its data as not moved, or does not
 * know its run, as after an older registry was put back. `elsewhere`: part of it lies in the trash of a storage.
 * Another state folder, of which this one is a copy, uses that storage too.
 */
export type EntryStanding = "known" | "unknown" | "elsewhere";

interface JudgedEntry {
  manifest: TrashManifest;
  held: readonly string[];
}

export function judgeEntry(context: HomeContext, entry: JudgedEntry): EntryStanding {
  if (!isKnown(context, entry)) return "unknown";
  const isRemote = entry.manifest.items.some(({ kind, remote }) => kind === "remote" && remote?.target !== null);
  return isRemote && !isOwnEntry(context, entry) ? "elsewhere" : "known";
}

function isKnown({ registry }: HomeContext, { manifest, held }: JudgedEntry): boolean {
  const { id, cause, run_id, session_id } = manifest;
  if (cause === "published-over" || cause === "rollback") return registry.findSessionHead(session_id) !== null;
  const [attempt] = registry.findHeads([run_id]);
  if (attempt === undefined) return false;
  const [recorded] = registry.discardsOf([run_id]);
  // An empty entry was cut off before it took an item, or after all were put back.
  if (recorded?.entry === id || held.length === 0) return true;
  // A clean-up that deletes moves first, and records that then.
  return cause === "cleanup" && (attempt.status === "failed" || attempt.status === "cancelled");
}
