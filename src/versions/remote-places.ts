import type { RunId, SessionId } from "../core/run-id.ts";

const URL = /^[A-Za-z][A-Za-z0-9+.-]+:\/\/([^/]+(?:\/[^/]+)+)$/;
/** Name of the folder in which the Kedro worker keeps data beside their place. */
export const BESIDE = ".runweave";

/** True for the URL of data below a bucket, or below a storage's equivalent. */
export function isRemotePlace(location: string): boolean {
  const parts = URL.exec(location)?.[1]?.split("/") ?? [];
  return parts.length > 1 && parts.every((part) => part !== "." && part !== "..") && !location.includes("\0");
}

/**
 * The part of a URL that belongs to one attempt alone: everything up to the folder that is its run_id, as both the store and
 * Kedro's versions have one. Null if there is none, or if it is no folder below another one in a bucket.
 */
export function ownRemotePlace(location: string, runId: RunId): string | null {
  const parts = URL.exec(location)?.[1]?.split("/") ?? [];
  const at = parts.indexOf(runId);
  if (at < 2 || !isRemotePlace(location)) return null;
  const after = parts.slice(at + 1).join("/");
  return after === "" ? location : location.slice(0, -after.length - 1);
}

/** Returns the place of an attempt's own data in the trash: on the same storage, beside their present place. */
export function trashPlace(place: string, id: string, name: string): string {
  const above = parentOf(parentOf(place));
  const store = above.endsWith(`/${BESIDE}`) ? above : `${above}/${BESIDE}`;
  return `${store}/trash/${id}/${name}`;
}

/**
 * Returns the place in which a publishing session keeps former objects, or present ones when it is rolled back: beside
 * the version. Null if that is not in a folder of its own run.
 */
export function keepingPlace(
  version: string,
  when: "before" | "rollback",
  { run_id, session_id }: { run_id: RunId; session_id: SessionId },
): string | null {
  const own = ownRemotePlace(version, run_id);
  return own === null || own === version ? null : `${own}/${when}-${session_id}`;
}

function parentOf(place: string): string {
  return place.slice(0, place.lastIndexOf("/"));
}
