import type { AttemptSignal } from "../event/attempt-event.ts";
import type { SharedPlace } from "../place.ts";
import type { ResolvedReads } from "../read.ts";
import type { CatalogEntry, ExceptionRecord, JsonObject, RunKind, VersionRecord } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

export type Isolation = "all" | "declared" | "none";

/** Kedro's filters, under the names of `KedroServiceSession.run`. Empty lists select everything. */
export interface PipelineFilters {
  tags: string[];
  node_names: string[];
  from_nodes: string[];
  to_nodes: string[];
  from_inputs: string[];
  to_outputs: string[];
  namespaces: string[];
}

/** Task of a Kedro run. Paths are absolute. */
export interface KedroTask {
  kind: "kedro";
  project_path: string;
  /** The interpreter; null to look for one. */
  python: string | null;
  env: string | null;
  conf_source: string | null;
  pipeline_names: string[];
  filters: PipelineFilters;
  runtime_params: JsonObject;
  runner: string;
  is_async: boolean;
  isolate: Isolation;
  /**
   * Prefixes for a run's own remote data, by protocol; data of other protocols stay beside the place in the catalog.
   */
  remote_stores: Record<string, string>;
  floating: string[];
  outputs: string[];
}

/** A file that a command writes: at a path of its own (null), or captured from `path` when it succeeds. */
export interface CommandOutput {
  path: string | null;
}

/** A TypeScript or JavaScript module whose default export is a function. */
export interface ModuleCall {
  /** Absolute. */
  path: string;
  /** Parameters of the function; `${env:NAME}` in them is not yet filled in. */
  params: JsonObject;
}

/** Fields of all tasks that are a process of their own. */
export interface ProcessFields {
  cwd: string;
  environment: Record<string, string>;
  outputs: Record<string, CommandOutput>;
}

/** Task of a command. `${inputs.NAME.path}` and `${outputs.NAME.path}` in argv and env are not yet filled in. */
export interface CommandTask extends ProcessFields {
  kind: "command";
  argv: string[];
  shell: boolean;
}

/** Task of a module: its program is runweave's own host. */
export interface ModuleTask extends ProcessFields {
  kind: "module";
  module: ModuleCall;
}

/** A task that is a process of its own, and says itself which files it writes. */
export type ProcessTask = CommandTask | ModuleTask;
export type Task = KedroTask | ProcessTask;

/** A dataset that a run writes, as its project has it when the plan is made: the run's own report is checked against it. */
export interface PlannedSave {
  /** Place in the project's own catalog; null if the catalog gives it none. */
  plain_location: string | null;
  /** True if the project's own catalog versions it. */
  versioned: boolean;
  /** Entry in that catalog; null if there is none, or none that has a form in JSON. */
  entry: CatalogEntry | null;
  /** True if other runs may consume it. */
  declared: boolean;
  /** True if it may be saved at its plain place, not at one of the run's own. */
  stays: boolean;
}

/** Earlier attempts of the same run, of the same session, whose results the next one may take over. */
export interface EarlierAttempts {
  /** Newest first. */
  run_ids: RunId[];
  /**
   * True if a node that runs again, as its results in memory are gone, is expected to save the same again. If it does
   * not, the attempt ends, and in the next one every node that consumed a repeated result runs again too.
   */
  trusting: boolean;
}

declare const resolved: unique symbol;

/** A run with every read of it settled. Only the resolver makes one, so a run without its pins does not type-check. */
export interface ResolvedRun {
  readonly [resolved]: true;
  session_id: SessionId;
  run: string;
  run_id: RunId;
  attempt: number;
  run_index: number;
  total_runs: number;
  task: Task;
  /** Decision on each dataset that it reads, or writes at a place. */
  reads: ResolvedReads;
  /** All datasets that the run writes, in memory too; null where the project was not asked, as for a command. */
  saves: Record<string, PlannedSave> | null;
  /** Plain paths that the run reads or writes: no other run may write, or read, them meanwhile. */
  places: SharedPlace[];
  /** Null to begin afresh. */
  resumes: EarlierAttempts | null;
  /** Milliseconds; null for no limit. */
  timeoutMs: number | null;
  /** Time that the worker of the run waits for the next session; absent if it ends with this one. */
  keepWorkerMs?: number;
}

/** End of an attempt: success and failure share one shape. */
export interface AttemptResult {
  status: "success" | "failed";
  cancelled: boolean;
  timedOut: boolean;
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  outputs: Record<string, VersionRecord>;
  outputsLocation: string | null;
  /** Null on success. */
  exception: ExceptionRecord | null;
  /**
   * True if the attempt counts for no try and is followed by another: its orchestrator was killed, its worker was lost
   * before it had begun, or an assumption of it turned out to be wrong.
   */
  cutOff?: boolean;
  peakMemoryBytes: number | null;
}

export interface AttemptHandlers {
  /** Called once, when the attempt's process exists. */
  onStarted(started: { pid: number | null; log: string }): void;
  onSignal(signal: AttemptSignal): void;
}

/** An attempt under way. `result` never rejects: what goes wrong is a failed result. */
export interface Attempt {
  result: Promise<AttemptResult>;
  /** `interrupt` lets the run end by itself; `kill` does not ask. Neither waits. */
  stop(how: "interrupt" | "kill"): void;
  /**
   * Leaves the attempt's processes to the process that has taken the session over: sends no signal, records no event.
   * `result` may stay open.
   */
  release(): void;
}

/** Executes attempts of one kind of run. */
export interface Runner<T extends Task = Task> {
  readonly kind: T["kind"] & RunKind;
  start(run: ResolvedRun & { task: T }, handlers: AttemptHandlers): Attempt;
  /** Ends every process of the runner; resolves when none is left. */
  close(): Promise<void>;
}

/** One runner per kind of task. */
export type RunnerTable = { readonly [Kind in Task["kind"]]: Runner<Extract<Task, { kind: Kind }>> };

/** The folders of one registry's state, all below `.runweave/`. Absolute paths. */
export interface StateFolders {
  root: string;
  attempts: string;
  logs: string;
  /** Isolated data. */
  store: string;
  trash: string;
}
