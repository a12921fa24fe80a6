import type { Problem } from "../error/problem.ts";
import type { RunId, SessionId } from "../run-id.ts";
import type { RestoredRun } from "../trash.ts";
import type { ReplayedRun } from "./replay.ts";

/** A version, by the run that saved it. */
export interface NamedVersion {
  dataset: string;
  run_id: RunId;
}

/** What executing runs takes, by how long each took the last time, in milliseconds. */
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

/** How one session would be healed: by a session that replays it. */
export interface HealedSession {
  session_id: SessionId;
  workflow: string;
  /** In an order that can be executed. What had come to nothing, and is not bad, is no part of it. */
  runs: ReplayedRun[];
  /** If all that is compared comes out equal, and if nothing of it does. */
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

/** What `heal` would do. `heal --dry-run --json` prints it. */
export interface HealingProposal {
  taints: (NamedVersion & { reason: string })[];
  /** What sessions that were cut off have made anew already, though it is not on record. */
  owed: number;
  /** As `--with` says: what replaces what, or shows it to be good. */
  given: (NamedVersion & { by: RunId; verdict: "replaced" | "confirmed" })[];
  /** In the order in which they are healed. */
  sessions: HealedSession[];
  refused: UnhealedSession[];
  least: HealingCost;
  most: HealingCost;
  /** Runs that have no duration on record: they count as nothing. */
  unknown_durations: string[];
  /** Those that stand for a bad version. */
  aliases: (NamedVersion & { alias: string; replaced_by: RunId | null })[];
  /** Bad versions that were copied to the project's own paths: healing leaves those alone. */
  published: (NamedVersion & { location: string })[];
}

/** What came of one session. */
export interface SessionHealed {
  session_id: SessionId;
  healed_by: SessionId | null;
  /**
   * `partial`: what could be healed is, and `unhealed` are the others. `good`: nothing of it was bad any more when its turn came.
   * `waiting`: one before it was not healed. `refused`: nothing of it can be healed.
   */
  status: "healed" | "partial" | "good" | "failed" | "waiting" | "refused";
  unhealed: UnhealedRun[];
  /** Of a session that is refused or waits: why. */
  problems: Problem[];
}

/** What came of it. The last line of `heal --json`. */
export interface HealingResult {
  sessions: SessionHealed[];
  replaced: (NamedVersion & { replaced_by: RunId })[];
  confirmed: (NamedVersion & { equal_to: RunId })[];
  /** What is still bad; of a run that saved nothing and was not executed again, `dataset` is null. */
  left: { dataset: string | null; run_id: RunId; run: string; session_id: SessionId }[];
  /** Those that stand for a bad version, or did; `to` is null while nothing replaces it. */
  aliases: { alias: string; dataset: string; from: RunId; to: RunId | null; moved: boolean }[];
}
