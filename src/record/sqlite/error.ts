import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { RegistryError, type RegistryErrorCode } from "../../core/error/registry-error.ts";
import { FREE_SPACE } from "../../core/error/system-error.ts";

interface Explanation {
  code: RegistryErrorCode;
  message: string;
  hint: string;
}

const READ_ONLY: Explanation = {
  code: "registry-read-only",
  message: "can't be written",
  hint: "check the permissions of the file and its folder, or choose another one with --registry",
};
const FULL: Explanation = {
  code: "registry-full",
  message: "can't grow: the disk is full",
  hint: FREE_SPACE,
};
const LOCKED: Explanation = {
  code: "registry-locked",
  message: "stayed locked by another process",
  hint: "try again; if it stays so, `runweave doctor` says which process has it",
};
const CORRUPT: Explanation = {
  code: "registry-corrupt",
  message: "is damaged, or not a database",
  hint: "put a backup in its place, and move the files -wal and -shm beside it away first; data that runs have saved are not affected",
};
const CHANGED: Explanation = {
  code: "registry-corrupt",
  message: "was changed by something else than runweave, and can't be understood any more",
  hint: CORRUPT.hint,
};
const UNUSABLE: Explanation = {
  code: "registry-unusable",
  message: "can't be opened or read",
  hint: "check that its path is right and that its folder can be reached, or choose another one with --registry",
};

/** SQLite's primary result codes (sqlite.org/rescode.html); what is not here is a bug of ours. */
const BY_SQLITE_CODE: Readonly<Record<number, Explanation>> = {
  3: READ_ONLY,
  5: LOCKED,
  6: LOCKED,
  8: READ_ONLY,
  10: UNUSABLE,
  11: CORRUPT,
  13: FULL,
  14: UNUSABLE,
  15: LOCKED,
  26: CORRUPT,
};

const BY_SYSTEM_CODE: Readonly<Record<string, Explanation>> = {
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  EROFS: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EEXIST: UNUSABLE,
  EIO: UNUSABLE,
  EISDIR: UNUSABLE,
  ELOOP: UNUSABLE,
  EMFILE: UNUSABLE,
  ENAMETOOLONG: UNUSABLE,
  ENFILE: UNUSABLE,
  ENOENT: UNUSABLE,
  ENOTDIR: UNUSABLE,
};

/** Messages of SQLite about tables that are not as they were made. */
const OTHER_TABLES = /^no such (?:table|column)|already exists$|duplicate column|has no column named/;

/** The low byte of an extended result code is the primary one. */
const PRIMARY_CODE = 0xff;

/**
 * Explains an error of SQLite or the file system, as a reason that people can act on. Any other error is returned as it
 * is.
 */
export function explainError(error: unknown, path: string): unknown {
  const found = findExplanation(error);
  if (found === undefined) return error;
  // A registry is not even read without a file beside it, and SQLite does not tell why it can't have that.
  const explanation = found === UNUSABLE && isFull(dirname(path)) ? FULL : found;
  const detail = error instanceof Error ? ` (${error.message})` : "";
  const message = `the registry ${path} ${explanation.message}${detail}`;
  return new RegistryError(explanation.code, message, explanation.hint, { cause: error });
}

function isFull(folder: string): boolean {
  try {
    return statfsSync(folder).bavail === 0;
  } catch {
    return false;
  }
}

/** Runs `work` and explains what it throws. */
export function explainingErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainError(error, path);
  }
}

function findExplanation(error: unknown): Explanation | undefined {
  if (!(error instanceof Error) || error instanceof RegistryError) return undefined;
  // A text that is JSON by our hand, and no more.
  if (error instanceof SyntaxError || OTHER_TABLES.test(error.message)) return CHANGED;
  if ("errcode" in error && typeof error.errcode === "number") return BY_SQLITE_CODE[error.errcode & PRIMARY_CODE];
  return "code" in error && typeof error.code === "string" ? BY_SYSTEM_CODE[error.code] : undefined;
}
