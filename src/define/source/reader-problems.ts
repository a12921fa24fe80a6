import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";

/** The same words in every format. */
export function problemOfDuplicate(location: Location, key: string, isRun: boolean): Problem {
  return isRun
    ? problemAt(location, "duplicate-run", `a second run "${key}"`, "give it another name")
    : problemAt(location, "duplicate-key", `a second "${key}" in one mapping`, "remove one of them");
}

/** True for a whole number that lost digits when it was read: it would be written in another way. */
export function isInexact(source: string | undefined, value: unknown): boolean {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return false;
  const [, digits] = /^\+?(-?\d+)$/.exec(source ?? "") ?? [];
  return digits !== undefined && digits !== String(value);
}

export function problemOfNumber(location: Location, source: string | undefined): Problem {
  const digits = (source ?? "").slice(0, 40);
  return problemAt(
    location,
    "inexact-number",
    `${digits} has more digits than a number keeps`,
    `quote it: "${digits}"`,
  );
}
