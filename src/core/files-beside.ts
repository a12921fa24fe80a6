/** A version with more files beside it than this is refused: their names are part of its record. */
export const MAX_FILES_BESIDE = 1000;
/** Characters of one name. */
export const MAX_NAME_LENGTH = 1000;

/**
 * Whether a value is a list of names of files beside a version, as a record may have it: each relative to the version's own
 * folder and below it. A run's own process makes it, so nothing is taken for granted.
 */
export function areFilesBeside(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_FILES_BESIDE && value.every(isNameBelow);
}

/** Whether a value names something below a folder, in one way only: no `..`, no empty part, and nothing absolute. */
export function isNameBelow(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_NAME_LENGTH) return false;
  return (
    value.isWellFormed() && !value.includes("\0") && value.split("/").every((part) => !["", ".", ".."].includes(part))
  );
}
