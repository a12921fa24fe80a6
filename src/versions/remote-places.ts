import type { RunId, SessionId } from "../core/run-id.ts";

const URL = /^[A-Za-z][A-Za-z0-9+.-]+:\/\/([^/]+(?:\/[^/]+)+)$/;
/** As the Kedro worker keeps data beside where they would be. */
const BESIDE = ".runweave";

/** Whether it is the URL of something below a bucket, or what a storage calls so. */
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

/** Where an attempt's own place goes in the trash: on the same storage, beside where it is. */
export function trashPlace(place: string, id: string, name: string): string {
  const above = parentOf(parentOf(place));
  const store = above.endsWith(`/${BESIDE}`) ? above : `${above}/${BESIDE}`;
  return `${store}/trash/${id}/${name}`;
}

/**
 * Where a publishing session keeps what stood at plain places before it, or what stands there when it is rolled back: beside
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
