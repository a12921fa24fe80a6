import { lstatSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { listPublished, type PublishedPath } from "../../versions/files-beside.ts";
import { findChange, formatChange } from "../../versions/find-change.ts";
import { publishVersion } from "../../versions/publish.ts";
import { isRemotePlace } from "../../versions/remote-places.ts";
import { stagingBeside } from "../../versions/staging.ts";

/** The data of a version can't be given to people, for this reason. */
export class DataError extends RefusalError<"data-changed" | "data-remote" | "place-taken"> {}

/** A version, and the session of the attempt that saved it. */
export interface KeptVersion {
  version: VersionRecord;
  session_id: SessionId;
}

/** Throws DataError unless the data on disk are still those that the run saved. */
export async function refuseChanged({ version }: Pick<KeptVersion, "version">): Promise<void> {
  const { location } = version;
  if (isRemotePlace(location)) {
    const hint = `its location is ${location}: use the tools of that store`;
    throw new DataError("data-remote", "the version is on remote storage", hint);
  }
  const change = await findChange({ ...version, modifiedMs: null });
  if (change === null) return;
  const hint = "`runweave verify` lists everything that has changed";
  throw new DataError("data-changed", `${location} is not as the run saved it: it ${formatChange(change)}`, hint);
}

interface Export extends KeptVersion {
  /** The place to copy to; in a folder that exists, or whose name ends with a slash, the data keep their own name. */
  place: string;
  /** Replaces files that are there. */
  force: boolean;
}

/**
 * Copies a version, and the files beside it that belong to it, to a place of the user: whole at a hidden name first, then by
 * renames. Returns the places. Throws DataError before anything is copied if the data have changed or something is in the way.
 */
export async function exportVersion({ version, session_id, place, force }: Export): Promise<string[]> {
  await refuseChanged({ version });
  const target = chooseTarget(place, version.location);
  const paths = await listPublished({ ...version, target });
  for (const path of paths) refuseInTheWay(path, force);
  for (const path of paths) {
    const staging = stagingBeside(path.target, `${session_id}-export-${process.pid}`);
    const guard = (put: () => void) => {
      refuseInTheWay(path, force);
      put();
    };
    await publishVersion({ location: path.source, target: path.target, staging, guard });
  }
  return paths.map((path) => path.target);
}

function chooseTarget(place: string, location: string): string {
  const isFolder = place.endsWith(sep) || statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? resolve(join(place, basename(location))) : resolve(place);
}

/** A folder is never replaced: what else is in it would stay among the files of the version, or be lost. */
function refuseInTheWay({ target }: PublishedPath, force: boolean): void {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found === undefined || (force && found.isFile())) return;
  const what = found.isDirectory() ? "folder" : found.isFile() ? "file" : "link or a special file";
  const hint = found.isFile() ? "--force replaces it" : "remove it first, or choose another place";
  throw new DataError("place-taken", `${target} is there already, a ${what}`, hint);
}
