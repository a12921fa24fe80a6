import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

/** `other` is a pipe, a socket or a device: it holds no data, and a process that opens it may wait without end. */
export type DataKind = "file" | "folder" | "other";

/** A path that was given for data has neither a file nor a folder. */
export class NotDataError extends Error {
  constructor(path: string) {
    super(`${path} is neither a file nor a folder`);
    this.name = "NotData";
  }
}

/** The name of a file or folder is no text: records could not name it, and asked for by what they say it is not there. */
export class NameRefusedError extends Error {
  constructor(path: string) {
    super(`${path} has a name that can't be recorded: it is not UTF-8`);
    this.name = "OutputRefused";
  }
}

/** Explains a system error about a name that was read from its folder: bytes that are no UTF-8 become another name. */
export function explainMissing(error: unknown, path: string): unknown {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  return isMissing && path.includes("\uFFFD") ? new NameRefusedError(path) : error;
}

/** The one place that tells data from what is none. A link is `other`, unless the look at it followed it. */
export function kindOf(found: Pick<Stats, "isFile" | "isDirectory">): DataKind {
  if (found.isFile()) return "file";
  return found.isDirectory() ? "folder" : "other";
}

/**
 * Returns the kind of the entry at a path, or of the target of a link there. Throws the system's error, as for a link
 * without a target.
 */
export async function kindAt(path: string): Promise<DataKind> {
  return kindOf(await stat(path));
}
