import type { RunStatus } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

/** A run of a session, in a few words. */
export interface NamedRun {
  session_id: SessionId;
  /** Time of the session's start: ISO, UTC. */
  session_time: string;
  run: string;
  /** Null until its first attempt. */
  run_id: RunId | null;
  status: RunStatus;
}

/** Questions about the names that runs have. */
export interface NameQuestions {
  /** Every run of this name, and every arm of a matrix of this name; those of the newest session first. */
  runsNamed(name: string): NamedRun[];
  /** Each name that a run of any session has, once, sorted. */
  runNames(): string[];
}
