/** Place of data: a file, a folder, or for data without a path a name that no other data have. */
export interface Place {
  /** Absolute, with symlinks followed. */
  path: string;
  /** End of the names of files in a folder of partitions; null for one file, or for all files of a folder. */
  suffix: string | null;
}

/** A plain path that a run reads or writes, as every other run does that names it. */
export interface SharedPlace extends Place {
  access: "read" | "write";
}

/**
 * True if two runs must not use these places at the same time: one of them writes, and one place is, or lies within,
 * the other.
 */
export function isConflict(one: SharedPlace, other: SharedPlace): boolean {
  if (one.access === "read" && other.access === "read") return false;
  return isAtOrBelow(one.path, other.path) || isAtOrBelow(other.path, one.path) ? canShareFile(one, other) : false;
}

/**
 * True if a file can be in both places, of which one is, or lies below, the other: the outer place's suffix selects
 * among its files.
 */
export function canShareFile(one: Place, other: Place): boolean {
  const [outer, inner] = one.path.length <= other.path.length ? [one, other] : [other, one];
  if (outer.suffix === null) return true;
  if (inner.suffix !== null) return outer.suffix.endsWith(inner.suffix) || inner.suffix.endsWith(outer.suffix);
  return outer.path === inner.path || inner.path.endsWith(outer.suffix);
}

/** True if a path is a folder or lies in it. Both are absolute, and links are not followed. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}
