import type { Problem } from "../error/problem.ts";
import type { RunId, SessionId } from "../run-id.ts";
import type { RestoredRun } from "../trash.ts";
import type { ReplayedRun } from "./replay.ts";

/** A version, by the run that saved it. */
export interface NamedVersion {
  dataset: string;
  run_id: RunId;
}

/** Expected cost of executing runs, by how long each took the last time, in milliseconds. */
export interface HealingCost {
  runs: number;
  sum_ms: number;
  /** The longest chain; of several sessions, one after the other. */
  critical_path_ms: number;
}

/** The code of what a run lacks only because another run of its session stays bad. */
export const UPSTREAM_NOT_HEALED = "upstream-not-healed";

/** A run that can't be executed again, or would read what stays bad: why, and what to do. */
export interface UnhealedRun {
  run: string;
  problems: Problem[];
}

/** Plan for healing one session: the session that replays it. */
export interface HealedSession {
  session_id: SessionId;
  workflow: string;
  /** Runs in an order that can be executed. A run that had no result, and is not bad, is left out. */
  runs: ReplayedRun[];
  /** Lower bound of the cost: every compared run is reused. `most` is the upper bound: none is. */
  least: HealingCost;
  most: HealingCost;
  restores: RestoredRun[];
  /** Runs that stay as they are, though they are bad or waited for what is. */
  unhealed: UnhealedRun[];
  warnings: Problem[];
}

/** A session that can't be healed as it is, and why. */
export interface UnhealedSession {
  session_id: SessionId;
  workflow: string;
  runs: string[];
  problems: Problem[];
}

/** Proposal of `heal`. `heal --dry-run --json` prints it. */
export interface HealingProposal {
  taints: (NamedVersion & { reason: string })[];
  /** Number of replacements that sessions which were cut off have saved, and that are not on record yet. */
  owed: number;
  /** Verdicts given by `--with`: which version replaces or confirms which. */
  given: (NamedVersion & { by: RunId; verdict: "replaced" | "confirmed" })[];
  /** Sessions in the order in which they are healed. */
  sessions: HealedSession[];
  refused: UnhealedSession[];
  least: HealingCost;
  most: HealingCost;
  /** Runs without a duration on record: they add 0 to the cost. */
  unknown_durations: string[];
  /** Aliases that stand for a bad version. */
  aliases: (NamedVersion & { alias: string; replaced_by: RunId | null })[];
  /** Bad versions that were copied to the project's own paths: healing leaves those alone. */
  published: (NamedVersion & { location: string })[];
}

/** Outcome of healing one session. */
export interface SessionHealed {
  session_id: SessionId;
  healed_by: SessionId | null;
  /**
   * `partial`: some runs were healed, and `unhealed` has the others. `good`: no version was bad any more when its turn
   * came. `waiting`: a session before it was not healed. `refused`: no run of it can be healed.
   */
  status: "healed" | "partial" | "good" | "failed" | "waiting" | "refused";
  unhealed: UnhealedRun[];
  /** Reasons why a session is refused or waits. */
  problems: Problem[];
}

/** Outcome of `heal`. It is the last line of `heal --json`. */
export interface HealingResult {
  sessions: SessionHealed[];
  replaced: (NamedVersion & { replaced_by: RunId })[];
  confirmed: (NamedVersion & { equal_to: RunId })[];
  /** Versions that are still bad. `dataset` is null for a run that saved no version and was not executed again. */
  left: { dataset: string | null; run_id: RunId; run: string; session_id: SessionId }[];
  /** Aliases that stand, or stood, for a bad version. `to` is null until a version replaces it. */
  aliases: { alias: string; dataset: string; from: RunId; to: RunId | null; moved: boolean }[];
}
