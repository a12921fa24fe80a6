import type { EnvironmentFacts, JsonObject } from "../run.ts";
import type { OfAttempt } from "./event-stamp.ts";

export interface PipelineStarted extends OfAttempt<"pipeline.started"> {
  /** Number of nodes that the attempt executes. */
  total_nodes: number;
  /** Number of nodes whose results come from earlier attempts; absent where the attempt begins afresh. */
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

/** A version that the run really read: compared with its pins. */
export interface DatasetLoaded extends OfAttempt<"dataset.loaded"> {
  dataset: string;
  version: string | null;
  location: string | null;
  node: string | null;
  /** Size of the data at that moment; absent or null if they were not looked at. Large data have no hash either. */
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

/** Measurements that the run reported: JSON, nested at will. */
export interface MetricsReported extends OfAttempt<"metrics.reported"> {
  metrics: JsonObject;
}

/** Something odd that the attempt does not fail for. */
export interface RunWarned extends OfAttempt<"run.warned"> {
  /** Stable, for scripts: `left-behind`, `waits-for-session`, `tainted-again`, `tainted-input`. */
  code: string;
  message: string;
}

/** Reports of a runner while an attempt is under way. */
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

/** Distributes over the union, so that each kind keeps its own keys. */
type Unstamped<E> = E extends AttemptEvent
  ? Omit<E, "time" | "session_id" | "run" | "run_id" | "attempt"> & { time?: string }
  : never;

/** An attempt's event before the loop says which attempt it is of; `time` where the run's own process told it. */
export type AttemptSignal = Unstamped<AttemptEvent>;
