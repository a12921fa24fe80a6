/** One operation of a process on a file or on the registry, where it can be struck. */
export interface Point {
  /** The function and the kinds of its paths: the same in every run. */
  name: string;
  /** Among those of the same name, from 1. */
  nth: number;
}

/** `inside`: with half of its work done. `instead`: it fails, as the system says. */
export type When = "before" | "inside" | "after" | "instead";

export interface Strike extends Point {
  when: When;
  /** A signal to itself; of `instead`, the code of an error, such as `EACCES`. */
  what: string;
}

/** A point of a session that nothing was done to. */
export interface SeenPoint extends Point {
  /** Whether it can be struck with half of its work done. */
  hasInside: boolean;
  /** Who is stopped there keeps all others from writing to the registry. */
  isInTransaction: boolean;
}

const YES = "+";
const NO = "-";

export function formatPoint({ name, hasInside, isInTransaction }: Omit<SeenPoint, "nth">): string {
  return `${hasInside ? YES : NO}${isInTransaction ? YES : NO} ${name}\n`;
}

/** What a process wrote down with `formatPoint`, in order. */
export function parsePoints(text: string): SeenPoint[] {
  const counts = new Map<string, number>();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const name = line.slice(3);
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    return { name, nth, hasInside: line[0] === YES, isInTransaction: line[1] === YES };
  });
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID"],
  [/\d{4}-\d\d-\d\dT[\d.]+Z-[0-9a-f]+/g, "ID"],
  [/(?<![0-9a-zA-Z])[0-9a-f]{8,}(?![0-9a-zA-Z])/g, "HEX"],
  [/(?<![a-zA-Z])\d+/g, "N"],
];

/** A path without what differs from run to run. */
export function normalizePath(path: string): string {
  return PARTS.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), path);
}
