import { ExplainError } from "../explain-error.ts";

/** A dataset of a run, as a command line names them. */
export interface Target {
  dataset: string;
  /** The word that names the run. */
  word: string;
}

/** Reads `DATASET@RUN`, or the two apart. `usage` is an example. A dataset's name may hold an @, a run's only in an arm's brackets. */
export function readTarget(target: string | undefined, run: string | undefined, usage: string): Target {
  if (target !== undefined && run !== undefined) return { dataset: target, word: run };
  const end = target?.endsWith("]") ? target.indexOf("[") : Infinity;
  const split = target?.lastIndexOf("@", end) ?? -1;
  if (target === undefined || split < 1 || split === target.length - 1)
    throw new ExplainError("invalid-target", "a version is named DATASET@RUN", usage);
  return { dataset: target.slice(0, split), word: target.slice(split + 1) };
}
