/** A version with more files beside it than this is refused: their names are part of its record. */
export const MAX_FILES_BESIDE = 1000;
/** Characters of one name. */
export const MAX_NAME_LENGTH = 1000;

/**
 * True for a list of names of files beside a version: each relative to the version's own folder and below it. The run's
 * own process makes the list, so it is checked.
 */
export function areFilesBeside(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_FILES_BESIDE && value.every(isNameBelow);
}

/** True for the one way to name an entry below a folder: no `..`, no empty part, not absolute. */
export function isNameBelow(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_NAME_LENGTH) return false;
  return (
    value.isWellFormed() && !value.includes("\0") && value.split("/").every((part) => !["", ".", ".."].includes(part))
  );
}
