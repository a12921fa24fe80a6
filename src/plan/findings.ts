import { type Problem, problemAt, warningAt } from "../core/error/problem.ts";

/** Describing a problem may look for near misses among thousands of names, so that the rest is only counted. */
const MAX_DESCRIBED = 200;

/** Gathers problems, each subject once: what is wrong with every arm of a run is said of the first, and counted. */
export interface Findings {
  /** Tells of an error. `describe` is only called for the first of a subject. */
  add(subject: Subject, describe: () => Problem): void;
  /** Tells of a warning, likewise. */
  warn(subject: Subject, describe: () => Problem): void;
  /** Errors before warnings, at most 200 of each and one that counts the rest. */
  list(): Problem[];
}

/** Identity of a problem: two with the same subject are one. */
export type Subject = readonly (string | number)[];

/** The problem is null if it is only counted. */
type Pile = Map<string, { problem: Problem | null; repeats: number }>;

export function gatherFindings(): Findings {
  const errors: Pile = new Map();
  const warnings: Pile = new Map();
  return {
    add: (subject, describe) => addTo(errors, subject, describe),
    warn: (subject, describe) => addTo(warnings, subject, describe),
    list: () => [
      ...listPile(errors, (rest) => problemAt(null, "more-problems", `and ${rest} more problems`)),
      ...listPile(warnings, (rest) => warningAt(null, "more-problems", `and ${rest} more warnings`)),
    ],
  };
}

function addTo(found: Pile, subject: Subject, describe: () => Problem): void {
  const key = JSON.stringify(subject);
  const known = found.get(key);
  if (known !== undefined) known.repeats += 1;
  else found.set(key, { problem: found.size < MAX_DESCRIBED ? describe() : null, repeats: 0 });
}

function listPile(found: Pile, describeRest: (count: number) => Problem): Problem[] {
  const problems = [...found.values()].flatMap(({ problem, repeats }) => {
    if (problem === null || repeats === 0) return problem ?? [];
    return [{ ...problem, message: `${problem.message} (and ${repeats} more like it)` }];
  });
  const rest = found.size - problems.length;
  return rest === 0 ? problems : [...problems, describeRest(rest)];
}
