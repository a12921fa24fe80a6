import type { Fingerprint } from "../fingerprint.ts";
import type { SessionOwnership } from "../ownership.ts";
import type {
  ExceptionRecord,
  GitState,
  JsonObject,
  Pin,
  ReplayOrigin,
  RunKind,
  RunStatus,
  SessionOrigin,
  SessionStatus,
  SkipReason,
  VersionRecord,
} from "../run.ts";
import type { RunId } from "../run-id.ts";
import type { AttemptEvent } from "./attempt-event.ts";
import type { DisposalEvent } from "./disposal-event.ts";
import type { Of, OfAttempt, OfRun } from "./event-stamp.ts";
import type { NamingEvent } from "./naming-event.ts";
import type {
  RequestAccepted,
  RequestAnswered,
  RequestMade,
  SessionContinued,
  SessionPaused,
} from "./request-event.ts";
import type { RollbackEvent } from "./rollback-event.ts";
import type { VerdictEvent } from "./verdict-event.ts";

/** A run as its session declares it, before any attempt. */
export interface DeclaredRun {
  run: string;
  kind: RunKind;
  needs: string[];
  env: string | null;
  runtime_params: JsonObject;
  pipeline_names: string[];
  filters: JsonObject;
  /** Number of attempts: the first and its retries. */
  max_attempts: number;
  allow_failure: boolean;
}

/** The last line of `run --json`, run by run. */
export interface RunOutcome {
  run: string;
  run_id: RunId | null;
  status: RunStatus;
  duration_ms: number | null;
  load_versions: Record<string, string>;
  /** True if the session can succeed though the run failed. */
  allow_failure: boolean;
  reason: string | null;
}

export interface SessionStarted extends Of<"session.started"> {
  workflow: string;
  workflow_file: string | null;
  project_path: string | null;
  command_line: string[];
  git: GitState;
  /** Logs of older versions have none. */
  origin?: SessionOrigin;
  /** The process that runs the session; absent in logs of older versions. */
  claim?: SessionOwnership;
  /** The replayed session; only of a replay. */
  replay_of?: ReplayOrigin;
}

/** Another process goes on with a session whose owner is gone, or that had ended without success. */
export interface SessionResumed extends Of<"session.resumed"> {
  claim: SessionOwnership;
  command_line: string[];
  /** Runs that had ended and are to be tried again; what they did stays in their attempts. */
  runs: string[];
}

/** Adds runs to the session: all at once for a workflow, one by one from a script. */
export interface RunsDeclared extends Of<"runs.declared"> {
  runs: DeclaredRun[];
}

/** The attempt has a run_id and every read of it is settled. */
export interface RunResolved extends OfAttempt<"run.resolved"> {
  pins: Pin[];
  /** Reason for the execution; only of a run that may be reused. */
  cache?: CacheMiss;
}

/** Reason why a run is executed although results may be reused. */
export interface CacheMiss {
  /** Null if what its result depends on can't be told. */
  fingerprint: Fingerprint | null;
  reason: string;
}

/** The run is not executed: an earlier attempt, of this session or another one, stands for it. */
export interface RunReused extends OfRun<"run.reused"> {
  /** The earlier attempt's. */
  run_id: RunId;
  /** Null in a replay that does not touch the run: the replay needs no fingerprint then. */
  fingerprint: string | null;
  load_versions: Record<string, string>;
  reason: string;
}

export interface RunStarted extends OfAttempt<"run.started"> {
  /** Null if the runner has no process of its own for the run. */
  pid: number | null;
  log: string;
}

export interface RunSucceeded extends OfAttempt<"run.succeeded"> {
  duration_ms: number;
  outputs: Record<string, VersionRecord>;
  outputs_location: string | null;
  peak_memory_bytes: number | null;
  /** The change during the run that makes its fingerprint worthless; absent if there was none. */
  fingerprint_void?: string;
}

export interface RunFailed extends OfAttempt<"run.failed"> {
  duration_ms: number | null;
  exception: ExceptionRecord;
  peak_memory_bytes: number | null;
  max_attempts: number;
  /** Time of the next attempt; null if the run has failed for good. */
  will_retry_at: string | null;
  /** Reason why there is no further attempt though there could have been one. */
  reason: string | null;
}

export interface RunCancelled extends OfRun<"run.cancelled"> {
  run_id: RunId | null;
  attempt: number;
  duration_ms: number | null;
  reason: string;
}

export interface RunSkipped extends OfRun<"run.skipped"> {
  /** Causes from the direct one to the root. */
  chain: SkipReason[];
  reason: string;
}

/** A version was copied to the path that the project's own catalog gives it. */
export interface DatasetPublished extends OfRun<"dataset.published"> {
  run_id: RunId;
  dataset: string;
  location: string;
}

export interface SessionFinished extends Of<"session.finished"> {
  status: Exclude<SessionStatus, "running">;
  duration_ms: number;
  runs: RunOutcome[];
}

/**
 * All events, in the one form that registry, reporters, `--json` and dashboard consume. Keys are spelled as in the
 * workflow file and the records.
 */
export type RunEvent =
  | SessionStarted
  | SessionResumed
  | RunsDeclared
  | RunResolved
  | RunStarted
  | AttemptEvent
  | RunSucceeded
  | RunFailed
  | RunCancelled
  | RunSkipped
  | RunReused
  | DatasetPublished
  | NamingEvent
  | VerdictEvent
  | DisposalEvent
  | RollbackEvent
  | RequestMade
  | RequestAccepted
  | RequestAnswered
  | SessionPaused
  | SessionContinued
  | SessionFinished;
