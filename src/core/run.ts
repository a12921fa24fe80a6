import type { RunId, SessionId } from "./run-id.ts";
import type { Discard, Rollback } from "./trash.ts";

/** Kind of the runner that executes a run. */
export type RunKind = "kedro" | "command" | "module";

/** States of a run's life for people and scripts; the machine's own states are finer. */
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

/** True if the run has outputs to consume: it succeeded, or it reused an earlier attempt's result. */
export function isDone(status: RunStatus): status is "success" | "reused" {
  return status === "success" || status === "reused";
}

/** Effect of a failed run on runs that have not started: none of them starts, or those that do not need it go on. */
export type OnFailure = "fail-fast" | "continue";

/** JSON as it stands in files, parameters and records. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * Catalog entry of a saved Kedro dataset, with credentials by name, so that a consumer loads the same. The worker makes
 * it and reads it; it is opaque to all code between.
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
   * Files that the writer put beside the data in the version's own folder, as sorted relative names; `bytes` and `hash`
   * count them. Absent if there were none when the run ended.
   */
  beside?: readonly string[];
  /** Null if no Kedro run wrote it. */
  entry: CatalogEntry | null;
  /** Place of the dataset in the project's own catalog, which is where `publish` copies it. */
  plain_location: string | null;
}

/** Rule that chose a pin's version. */
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
  /** Class of a Python exception and its base classes: dotted, built-in ones by their bare names. */
  classes?: string[];
  message: string;
  /** The node that raised; null if no node did. */
  node: string | null;
  traceback: string | null;
  cause: ExceptionRecord | null;
}

/** Reason why a run was skipped: each link of the chain failed, or was skipped because of the next. */
export interface SkipReason {
  run: string;
  status: RunStatus;
}

/** Changes to the code that no commit has, kept as a file of the state folder that is named for their digest. */
export interface PatchRef {
  /** `sha256:...` of the whole patch. */
  digest: string;
  bytes: number;
  /** True if only the beginning is kept. */
  truncated: boolean;
  /** Paths of files that look like secrets and are not in it, at most 100; absent if there are none. */
  left_out?: string[];
  /** New files are not in it, as the workflow says `capture: tracked`. */
  tracked_only?: true;
}

/** Origin of a session: folder, user, command line, and the changes to the code. */
export interface SessionOrigin {
  host: string;
  user: string;
  /** `linux x64 6.1.0`. */
  platform: string;
  node: string;
  runweave: string;
  working_folder: string;
  /** Uncommitted changes; null if there were none, or they are unknown. */
  patch: PatchRef | null;
  /**
   * `sha256:...` of the kept plan, so that a session never goes on by another one. Sessions of an older runweave have
   * none.
   */
  plan?: string;
}

/** The replayed session, and the changes of the replay. */
export interface ReplayOrigin {
  session_id: SessionId;
  /** Changes as options: `--set train.params.seed=2`. */
  changes: string[];
  /** True if the session heals: the versions that its runs save replace the bad ones of that session. */
  heals?: true;
}

/** Environment of a run's process. */
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
  /** Number of attempts: the first and its retries. */
  max_attempts: number;
  /** Attempts before this one, or of a skipped run all, that never had a process; absent if there were none. */
  unstarted_attempts?: number;
  /** True if the session can succeed though the run failed. */
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
  /** Digest of the environment of the run's process; null if the process did not tell. */
  environment: string | null;
  /** Measurements that the run reported; null if there are none. */
  metrics: JsonObject | null;
  tags: Record<string, string>;
  notes: RunNote[];
  /** Oddities of the run that did not make it fail. */
  warnings: RunWarning[];
  /** State of the run's data if they are not in their place any more; else null. */
  discarded: Omit<Discard, "run_id" | "manifest"> | null;
  /** Reason why the run was skipped, cancelled or failed before its start, for people. */
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
  /** Time since which no run of the session starts; null while runs start. */
  paused_since: string | null;
  /** State of the session's rollback; null if none was begun. */
  rollback: Rollback | null;
  runs: RunRecord[];
}
