import type { Json, OnFailure } from "../core/run.ts";
import type { ReadAs, Task } from "../core/runner.ts";
import type { RunDefinition } from "../define/definition.ts";

/** One run of the session: a declared run, or one arm of its matrix, with nothing left to substitute. */
export interface ExpandedRun {
  /** `prep`, or `train[seed=1,model=linear]`. */
  run: string;
  definition: RunDefinition;
  /** Values of the matrix; empty without one. */
  arm: Record<string, Json>;
  task: Task;
  /** Run names (arms), whatever the reason: consumes and needs. In declaration order, each once. */
  needs: string[];
  consumes: Record<string, PlannedInput>;
  timeoutMs: number | null;
}

/** A consumed dataset, before its version is known. */
export interface PlannedInput {
  run: string;
  dataset: string;
  as: ReadAs;
}

/** A run whose reads and writes are known; only upstream's versions are still to come. */
export interface PlannedRun extends ExpandedRun {
  /** Position in an order that can be executed. */
  index: number;
  /** Datasets that the run itself writes and that have a place: pinned to its own run_id. */
  writes: string[];
  /** Versions that the project had when the plan was made: dataset to version. */
  frozen: Record<string, string>;
}

/** A dataset that goes to its plain path when the session has succeeded. */
export interface PublishTarget {
  run: string;
  dataset: string;
}

/** The graph, in an order that can be executed. */
export interface Plan {
  workflow: string;
  file: string | null;
  project_path: string | null;
  maxParallel: number | null;
  onFailure: OnFailure;
  publish: PublishTarget[];
  runs: PlannedRun[];
}
