import { isAbsolute } from "node:path";
import { measurePath } from "../../versions/find-change.ts";
import { hashPath } from "../../versions/hash.ts";
import { type Freezing, rejectFreezing } from "./freezing.ts";

/** A file or folder as it is now. Its version is the beginning of its hash, so it is the same wherever the file is. */
export async function freezeFile(path: string, shown: string): Promise<Freezing> {
  if (!isAbsolute(path)) {
    const hint = "copy it here first, or let a command download it and consume the output";
    return rejectFreezing(
      "input-remote",
      `${shown} is not on this machine, so changes to it could not be noticed`,
      hint,
    );
  }
  try {
    const { modifiedMs } = await measurePath(path);
    const { bytes, hash } = await hashPath({ path });
    const version = `file-${hash.replace("sha256:", "").slice(0, 16)}`;
    const time = new Date(modifiedMs).toISOString();
    const input = {
      rule: "file",
      from_run: null,
      from_dataset: path,
      as: "downstream",
      version: { version, location: path, bytes, hash, entry: null, plain_location: null },
      frozen: { modifiedMs },
      source: `the file ${shown}`,
      reason: `the file ${shown} as it was when the plan was made: ${bytes} bytes, last changed ${time}, ${hash}`,
    } as const;
    return { ok: true, input };
  } catch (error) {
    return rejectUnreadable(error as NodeJS.ErrnoException, shown);
  }
}

function rejectUnreadable(error: NodeJS.ErrnoException, shown: string): Freezing {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") {
    const hint =
      "paths are relative to the workflow file; what a run of this workflow saves is consumed by that run's name";
    return rejectFreezing("input-missing", `there is no file ${shown}`, hint);
  }
  return rejectFreezing("input-unreadable", `${shown} can't be read: ${error.message}`, "check its permissions");
}
