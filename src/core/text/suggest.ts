/** Beyond so many candidates a suggestion isn't worth its time. */
const MAX_CANDIDATES = 20_000;

/** `did you mean "train"?` for the candidate nearest to `word`, or null if none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const nearest = findNearest(word, candidates);
  return nearest === null ? null : `did you mean "${nearest}"?`;
}

const MAX_LISTED = 4;

/** `say which: 'train[seed=1]', 'train[seed=2]'`, quoted for a shell, to which the brackets of an arm mean something. */
export function sayWhich(names: readonly string[]): string {
  const listed = names.slice(0, MAX_LISTED).map((name) => `'${name}'`);
  return `say which: ${listed.join(", ")}${names.length > MAX_LISTED ? ", ..." : ""}`;
}

/** The candidate that `word` was probably meant to be: at most a third of its letters mistyped, the first of equals. */
export function findNearest(word: string, candidates: Iterable<string>): string | null {
  const wanted = normalize(word);
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let nearest: string | null = null;
  let seen = 0;
  for (const candidate of candidates) {
    if (++seen > MAX_CANDIDATES) break;
    const name = normalize(candidate);
    if (candidate === word || Math.abs(name.length - wanted.length) > limit) continue;
    const distance = countEdits(wanted, name);
    if (distance > limit || distance >= Math.max(wanted.length, name.length)) continue;
    nearest = candidate;
    if (distance === 0) break;
    limit = distance - 1;
  }
  return nearest;
}

/** Damerau-Levenshtein distance: insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Names longer than this are compared by their beginning, so that hostile ones cost no more. */
const MAX_LENGTH = 100;

function normalize(name: string): string {
  return name.slice(0, MAX_LENGTH).toLowerCase().replaceAll("-", "_");
}
