import type { RunId, SessionId } from "./run-id.ts";
import type { Discard, Rollback } from "./trash.ts";

/** Which runner executes a run. */
export type RunKind = "kedro" | "command";

/** What people and scripts see of a run's life; the machine's own states are finer. */
export const RUN_STATUSES = ["pending", "running", "success", "failed", "skipped", "cancelled", "reused"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const SESSION_STATUSES = ["running", "success", "failed", "cancelled"] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export const TERMINAL_STATUSES: ReadonlySet<RunStatus> = new Set([
  "success",
  "failed",
  "skipped",
  "cancelled",
  "reused",
]);

/** Whether what it saved is there to be consumed: its own, or that of the attempt in whose stead it was not executed. */
export function isDone(status: RunStatus): status is "success" | "reused" {
  return status === "success" || status === "reused";
}

/** Whether a failed run keeps others from starting. */
export type OnFailure = "fail-fast" | "continue";

/** JSON as it stands in files, parameters and records. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * How a Kedro dataset was saved, so that a consumer gets the same: its catalog entry with credentials by name.
 * The worker makes it and reads it; nobody between looks inside.
 */
export interface CatalogEntry {
  config: JsonObject;
  versioned: boolean;
}

/** One version of a dataset on disk, as its writer recorded it. */
export interface VersionRecord {
  /** The run_id of its writer, or a version that the project had before. */
  version: string;
  /** An absolute path, or a URL of remote storage. */
  location: string;
  /** Null where the storage does not tell. */
  bytes: number | null;
  /** `sha256:...`; null where runweave can't look. */
  hash: string | null;
  /**
   * What its writer put beside it in the version's own folder, by sorted relative names: `bytes` and `hash` are of these too.
   * Absent if nothing lay there when the run had ended.
   */
  beside?: readonly string[];
  /** Null if no Kedro run wrote it. */
  entry: CatalogEntry | null;
  /** Where the project's own catalog would have put it, which is where `publish` copies it. */
  plain_location: string | null;
}

/** Which rule chose a pin's version. */
export type PinRule = "consumed" | "own" | "resumed" | "frozen" | "plain" | "file" | "value" | "run_id" | "alias";

/** One settled read or write: a dataset, its version, and why this version. */
export interface Pin {
  dataset: string;
  version: string;
  rule: PinRule;
  /** The run that it came from, which is one of the same session unless the rule is `run_id` or `alias`; null if no run is named. */
  from_run: string | null;
  /** The dataset's name there; of a file, its path. */
  from_dataset: string | null;
  /** One sentence for people. */
  reason: string;
  /** The newest version that the project itself had under this name, if the rule took another one. */
  passed_over?: string;
  /**
   * The succeeded attempt that lists the version among its outputs, where that is not the one that is named by the version:
   * an earlier attempt of the same run saved it and was cut off, and this one took it over.
   */
  vouched_by?: RunId;
}

export interface ExceptionRecord {
  type: string;
  /** Of Python: its class and those that it inherits from, dotted, the built-in ones by their bare names. */
  classes?: string[];
  message: string;
  /** The node that raised; null if no node did. */
  node: string | null;
  traceback: string | null;
  cause: ExceptionRecord | null;
}

/** Why a run was skipped: each link failed, or was skipped because of the next. */
export interface SkipReason {
  run: string;
  status: RunStatus;
}

/** Changes to the code that no commit has, kept as a file of the state folder that is named for their digest. */
export interface PatchRef {
  /** `sha256:...` of the whole patch. */
  digest: string;
  bytes: number;
  /** What is kept is only its beginning. */
  truncated: boolean;
  /** Paths of files that look like secrets and are not in it, at most 100; absent if there are none. */
  left_out?: string[];
}

/** Where a session was started, by whom, and on which changes to the code. */
export interface SessionOrigin {
  host: string;
  user: string;
  /** `linux x64 6.1.0`. */
  platform: string;
  node: string;
  runweave: string;
  working_folder: string;
  /** Null if nothing was changed, or nobody knows. */
  patch: PatchRef | null;
  /** `sha256:...` of the plan that was kept, so that nobody goes on by another one. Sessions of an older runweave have none. */
  plan?: string;
}

/** Which session is replayed, and what is changed of it. */
export interface ReplayOrigin {
  session_id: SessionId;
  /** As they can be written again: `--set train.params.seed=2`. */
  changes: string[];
  /** Only of one that heals: what its runs save replaces what is bad of that session. */
  heals?: true;
}

/** What a run's process runs in. */
export interface EnvironmentFacts {
  /** The interpreter's version. */
  python: string;
  /** Empty if it has none. */
  kedro: string;
  /** `linux x86_64 6.1.0`. */
  platform: string;
  /** Installed packages, name to version. */
  packages: Record<string, string>;
}

export interface RunNote {
  time: string;
  text: string;
}

export interface GitState {
  commit: string | null;
  dirty: boolean | null;
}

export interface RunWarning {
  /** Stable, for scripts: `left-behind`. */
  code: string;
  message: string;
}

/** The record of a run, as the registry keeps it and `show --json` and `runs --json` print it. Times are ISO, UTC. */
export interface RunRecord {
  session_id: SessionId;
  workflow: string;
  run: string;
  /** Null until the run's first attempt starts to resolve; skipped runs never have one. */
  run_id: RunId | null;
  attempt: number;
  /** Its retries and the first. */
  max_attempts: number;
  /** Attempts before this one, or of a skipped run all, that never had a process; absent if there were none. */
  unstarted_attempts?: number;
  /** Whether the session can succeed though the run failed. */
  allow_failure: boolean;
  kind: RunKind;
  status: RunStatus;
  env: string | null;
  runtime_params: JsonObject;
  pipeline_names: string[];
  filters: JsonObject;
  /** Every pin of the run, dataset to version. */
  load_versions: Record<string, string>;
  outputs: Record<string, VersionRecord>;
  outputs_location: string | null;
  exception: ExceptionRecord | null;
  start_time: string | null;
  end_time: string | null;
  duration_ms: number | null;
  node_durations_ms: Record<string, number>;
  peak_memory_bytes: number | null;
  git_commit: string | null;
  git_dirty: boolean | null;
  /** The digest of what its process ran in; null where nobody told. */
  environment: string | null;
  /** What it measured of itself; null if nothing. */
  metrics: JsonObject | null;
  tags: Record<string, string>;
  notes: RunNote[];
  /** What was odd about it though it did not fail for that. */
  warnings: RunWarning[];
  /** What became of its data if they are not where they were any more; else null. */
  discarded: Omit<Discard, "run_id" | "manifest"> | null;
  /** Why it was skipped, cancelled or failed before its start, for people. */
  reason: string | null;
}

/** True if a program decided on the session's runs as it went: such a session has no plan to go on with. */
export function isScript({ workflow_file, origin }: Pick<SessionRecord, "workflow_file" | "origin">): boolean {
  return workflow_file === null && origin?.plan === undefined;
}

/** A session with its runs in plan order. */
export interface SessionRecord {
  session_id: SessionId;
  workflow: string;
  workflow_file: string | null;
  project_path: string | null;
  command_line: string[];
  git_commit: string | null;
  git_dirty: boolean | null;
  /** Null for sessions of older versions. */
  origin: SessionOrigin | null;
  /** Null if it is no replay. */
  replay_of: ReplayOrigin | null;
  status: SessionStatus;
  start_time: string;
  end_time: string | null;
  duration_ms: number | null;
  /** Since when no run of it starts; null while they do. */
  paused_since: string | null;
  /** Null unless somebody has begun to take back what it did. */
  rollback: Rollback | null;
  runs: RunRecord[];
}
