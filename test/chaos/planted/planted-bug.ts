import type { Invariant } from "../violation.ts";

/** A bug of ours that never was: one line of the source, changed when it is loaded. */
export interface PlantedBug {
  /** Below `src/`. */
  file: string;
  /** Has to be there exactly once. */
  line: string;
  instead: string;
  /** The kind of trials that has to find it, how many of them, and what they find violated. */
  kind: string;
  trials: number;
  /** Seed of the first of them; default: 0. One that has found the bug spares those before it. */
  firstSeed?: number;
  invariant: Invariant;
  /** Part of the words that tell of the cases that can find it; default: all of the kind. */
  only?: string;
  /** What the code lacks so far: until then the line is not there, and the bug is not planted. */
  awaits?: string;
}
