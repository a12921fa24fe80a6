/** An error of the operating system; `code` as `ENOSPC`. */
export interface SystemError extends Error {
  code?: string | undefined;
  path?: string | undefined;
}

/** Advice for a disk that is full of data, of runweave perhaps. */
export const FREE_SPACE =
  "free some space on that disk and try again: `runweave gc --keep-last 5 --yes`, then `runweave trash empty --yes`, do, on a full disk too; what was recorded before is intact";

const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** True of what the operating system refused, and not of a fault of this program. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** True if a disk, or what a user may have of it, has no room left. */
export function isDiskFull(error: unknown): error is SystemError {
  return isSystemError(error) && FULL.has(String(error.code));
}

/** Names the file in an error that does not, as Node does in others: a full disk is told by `write`, which has only a descriptor. */
export function nameFile(error: unknown, path: string): unknown {
  if (isSystemError(error) && error.path === undefined) {
    error.path = path;
    error.message = `${error.message} '${path}'`;
  }
  return error;
}
