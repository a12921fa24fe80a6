import type { ControlRequest, Requester, RequestOutcome } from "./control-request.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { SessionClaim } from "./ownership.ts";
import type {
  EnvironmentFacts,
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
} from "./run.ts";
import type { RunId, SessionId } from "./run-id.ts";
import type { Compensation, Discard } from "./trash.ts";

/** A run as its session declares it, before any attempt. */
export interface DeclaredRun {
  run: string;
  kind: RunKind;
  needs: string[];
  env: string | null;
  runtime_params: JsonObject;
  pipeline_names: string[];
  filters: JsonObject;
  /** Its retries and the first. */
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
  /** Whether the session can succeed though the run failed. */
  allow_failure: boolean;
  reason: string | null;
}

interface Of<Type extends string> {
  type: Type;
  /** ISO, UTC, milliseconds. */
  time: string;
  session_id: SessionId;
}

interface OfRun<Type extends string> extends Of<Type> {
  run: string;
}

interface OfAttempt<Type extends string> extends OfRun<Type> {
  run_id: RunId;
  attempt: number;
}

export interface SessionStarted extends Of<"session.started"> {
  workflow: string;
  workflow_file: string | null;
  project_path: string | null;
  command_line: string[];
  git: GitState;
  /** Logs of older versions have none. */
  origin?: SessionOrigin;
  /** Who runs it. A log of an older version tells of none. */
  claim?: SessionClaim;
  /** Only of a replay. */
  replay_of?: ReplayOrigin;
}

/** Another process goes on with a session whose owner is gone, or that had ended without success. */
export interface SessionResumed extends Of<"session.resumed"> {
  claim: SessionClaim;
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
  /** Only of a run that may be reused. */
  cache?: CacheMiss;
}

/** Why a run is executed although results may be reused. */
export interface CacheMiss {
  /** Null if what its result depends on can't be told. */
  fingerprint: Fingerprint | null;
  reason: string;
}

/** The run is not executed: an earlier attempt, of this session or another one, stands for it. */
export interface RunReused extends OfRun<"run.reused"> {
  /** The earlier attempt's. */
  run_id: RunId;
  /** Null in a replay that does not touch the run: nothing else has to be known of it. */
  fingerprint: string | null;
  load_versions: Record<string, string>;
  reason: string;
}

export interface RunStarted extends OfAttempt<"run.started"> {
  /** Null if the runner has no process of its own for the run. */
  pid: number | null;
  log: string;
}

export interface PipelineStarted extends OfAttempt<"pipeline.started"> {
  /** Those that it executes. */
  total_nodes: number;
  /** Those whose results it takes over from earlier attempts; absent where it begins afresh. */
  resumed_nodes?: number;
}

export interface NodeStarted extends OfAttempt<"node.started"> {
  node: string;
}

export interface NodeFinished extends OfAttempt<"node.finished"> {
  node: string;
  duration_ms: number;
}

export interface NodeFailed extends OfAttempt<"node.failed"> {
  node: string;
  duration_ms: number;
}

/** What the run really read: compared with its pins. */
export interface DatasetLoaded extends OfAttempt<"dataset.loaded"> {
  dataset: string;
  version: string | null;
  location: string | null;
  node: string | null;
  /** What was there at that moment; absent or null where nobody looked, the hash of large data too. */
  bytes?: number | null;
  hash?: string | null;
}

export interface DatasetSaved extends OfAttempt<"dataset.saved"> {
  dataset: string;
  version: string | null;
  location: string | null;
  node: string | null;
}

/** The attempt takes over what an earlier one of its run saved: that node has finished, and is not executed again. */
export interface DatasetResumed extends OfAttempt<"dataset.resumed"> {
  dataset: string;
  /** The earlier attempt's. */
  version: string;
  location: string;
  node: string;
}

/** The run's own process says in what it runs. */
export interface EnvironmentCaptured extends OfAttempt<"environment.captured"> {
  digest: string;
  /** Null if this process has told of this environment before. */
  facts: EnvironmentFacts | null;
}

/** What the run measured of itself: JSON, nested at will. */
export interface MetricsReported extends OfAttempt<"metrics.reported"> {
  metrics: JsonObject;
}

export interface RunSucceeded extends OfAttempt<"run.succeeded"> {
  duration_ms: number;
  outputs: Record<string, VersionRecord>;
  outputs_location: string | null;
  peak_memory_bytes: number | null;
  /** What changed under the run, so that its fingerprint tells nothing; absent if nothing did. */
  fingerprint_void?: string;
}

export interface RunFailed extends OfAttempt<"run.failed"> {
  duration_ms: number | null;
  exception: ExceptionRecord;
  peak_memory_bytes: number | null;
  max_attempts: number;
  /** When the next attempt is due; null if the run has failed for good. */
  will_retry_at: string | null;
  /** Why there is no further attempt though there could have been one. */
  reason: string | null;
}

export interface RunCancelled extends OfRun<"run.cancelled"> {
  run_id: RunId | null;
  attempt: number;
  duration_ms: number | null;
  reason: string;
}

export interface RunSkipped extends OfRun<"run.skipped"> {
  /** From the direct cause to the root. */
  chain: SkipReason[];
  reason: string;
}

/** A version was copied to the path that the project's own catalog gives it. */
export interface DatasetPublished extends OfRun<"dataset.published"> {
  run_id: RunId;
  dataset: string;
  location: string;
}

/** The alias stands for what this run saved of the dataset, from now on. */
export interface AliasSet extends OfRun<"alias.set"> {
  run_id: RunId;
  alias: string;
  dataset: string;
}

/** The alias stands for nothing any more; the run is the one that it stood for. */
export interface AliasRemoved extends OfRun<"alias.removed"> {
  run_id: RunId;
  alias: string;
}

export interface RunTagged extends OfRun<"run.tagged"> {
  run_id: RunId;
  key: string;
  /** Null takes the tag off. */
  value: string | null;
}

export interface RunNoted extends OfRun<"run.noted"> {
  run_id: RunId;
  text: string;
}

/** Somebody says that a version is bad: nothing is to be made of it, nor of what was made of it. */
export interface VersionTainted extends OfRun<"version.tainted"> {
  run_id: RunId;
  dataset: string;
  reason: string;
  by: Requester;
}

/** Somebody says that it is not bad after all. */
export interface VersionCleared extends OfRun<"version.cleared"> {
  run_id: RunId;
  dataset: string;
  reason: string | null;
  by: Requester;
}

/** Made of what is bad, it came out equal when it was made again of what is not: nothing below it is touched. */
export interface VersionConfirmed extends OfRun<"version.confirmed"> {
  run_id: RunId;
  dataset: string;
  /** The attempt that saved the same content. */
  equal_to: RunId;
}

/** Somebody, mostly another process, asks something of a session under way. */
export interface RequestMade extends Of<"request.made">, Asked {
  request_id: string;
}

/** The session's process has taken it up. */
export interface RequestAccepted extends Of<"request.accepted">, Asked {
  request_id: string;
}

export interface RequestAnswered extends Of<"request.answered">, Pick<Asked, "action" | "run"> {
  request_id: string;
  outcome: RequestOutcome;
  message: string;
}

type Asked = Pick<ControlRequest, "action" | "run" | "force" | "by">;

/** From now on no run starts; those under way go on. */
export interface SessionPaused extends Of<"session.paused"> {
  by: Requester;
}

export interface SessionContinued extends Of<"session.continued"> {
  by: Requester;
}

export interface SessionFinished extends Of<"session.finished"> {
  status: Exclude<SessionStatus, "running">;
  duration_ms: number;
  runs: RunOutcome[];
}

/** Something odd that the attempt does not fail for. */
export interface RunWarned extends OfAttempt<"run.warned"> {
  /** Stable, for scripts: `left-behind`. */
  code: string;
  message: string;
}

/** What stands where a version is about to be published is kept. */
export interface PublicationPrepared extends OfRun<"publication.prepared"> {
  run_id: RunId;
  dataset: string;
  location: string;
  entry: string;
  manifest: string;
}

/** What stood there before the publication stands there again. */
export interface PublicationUndone extends OfRun<"publication.undone"> {
  run_id: RunId;
  dataset: string;
  location: string;
}

/** The command that takes the run back has ended. */
export interface RunCompensated extends OfRun<"run.compensated">, Omit<Compensation, "time" | "session_id"> {}

/** A process begins, or goes on, to take back what an ended session did. */
export interface RollbackStarted extends Of<"rollback.started"> {
  claim: SessionClaim;
  command_line: string[];
  /** Over what has changed since, too. */
  force: boolean;
}

export interface RollbackEnded extends Of<"rollback.ended"> {
  status: "done" | "failed";
  message: string;
}

/** What an attempt saved is about to go into the trash, or is gone for good. Recorded before anything moves. */
export interface RunDiscarded extends OfRun<"run.discarded">, Omit<Discard, "time"> {}

/** It is back where it was. */
export interface RunRestored extends OfRun<"run.restored"> {
  run_id: RunId;
  entry: string;
}

/** What a runner reports while an attempt is under way. */
export type AttemptEvent =
  | PipelineStarted
  | NodeStarted
  | NodeFinished
  | NodeFailed
  | DatasetLoaded
  | DatasetSaved
  | DatasetResumed
  | EnvironmentCaptured
  | MetricsReported
  | RunWarned;

/** The taking back of what a session did outside of its own places. */
export type RollbackEvent = PublicationPrepared | PublicationUndone | RunCompensated | RollbackStarted | RollbackEnded;

/** What becomes of an attempt's data after its end. */
export type DisposalEvent = RunDiscarded | RunRestored;

/** What people say of runs, whenever they like. */
export type NamingEvent = AliasSet | AliasRemoved | RunTagged | RunNoted;

/** Another attempt has saved it anew, of what is not bad: nobody needs to replace it any more. */
export interface VersionReplaced extends OfRun<"version.replaced"> {
  run_id: RunId;
  dataset: string;
  replaced_by: RunId;
}

/** What is said of versions, whenever it turns out. */
export type VerdictEvent = VersionTainted | VersionCleared | VersionConfirmed | VersionReplaced;

/**
 * Everything that happens, in the one form that registry, reporters, `--json` and dashboard consume.
 * Keys are spelled as in the workflow file and the records.
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

/** Distributes over the union, so that each kind keeps its own keys. */
type Unstamped<E> = E extends AttemptEvent
  ? Omit<E, "time" | "session_id" | "run" | "run_id" | "attempt"> & { time?: string }
  : never;

/** An attempt's event before the loop says which attempt it is of; `time` where the run's own process told it. */
export type AttemptSignal = Unstamped<AttemptEvent>;
