import type { UndoneFile } from "../../core/event/rollback-event.ts";
import type { PublishedState } from "../../core/port/plain-storage.ts";
import type { PublishedFile } from "../../core/trash-manifest.ts";

/** Decides what a roll-back does to one published file. */
export function planUndoing({ file, state }: { file: PublishedFile; state: PublishedState }): UndoneFile {
  const { path } = file;
  if (state === "as-before") return { path, action: "as-before" };
  if (state === "former-lost") return { path, action: "left" };
  const former = file.remote === undefined ? file.former : file.remote.former;
  return { path, action: former === null ? "removed" : "put-back" };
}
