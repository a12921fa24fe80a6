/** Where data are: a file, a folder, or for what has no path whatever tells it from others. */
export interface Place {
  /** Absolute, with symlinks followed. */
  path: string;
  /** Of a folder of partitions, what its files end with; null for one file, or for all that is in a folder. */
  suffix: string | null;
}

/** A plain path that a run reads or writes, as every other run does that names it. */
export interface SharedPlace extends Place {
  access: "read" | "write";
}

/** Whether two runs must not have these at the same time: one of them writes, and they are, or lie within, each other. */
export function isConflict(one: SharedPlace, other: SharedPlace): boolean {
  if (one.access === "read" && other.access === "read") return false;
  return isAtOrBelow(one.path, other.path) || isAtOrBelow(other.path, one.path) ? canShareFile(one, other) : false;
}

/** Of two places of which one is, or is below, the other: the outer one's suffix selects among what is in it. */
export function canShareFile(one: Place, other: Place): boolean {
  const [outer, inner] = one.path.length <= other.path.length ? [one, other] : [other, one];
  if (outer.suffix === null) return true;
  if (inner.suffix !== null) return outer.suffix.endsWith(inner.suffix) || inner.suffix.endsWith(outer.suffix);
  return outer.path === inner.path || inner.path.endsWith(outer.suffix);
}

/** Whether a path is a folder or lies in it. Both absolute, and nothing is followed. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}
