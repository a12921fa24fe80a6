import type { Checked, Location } from "../core/error/problem.ts";
import type { CacheMode } from "../core/fingerprint.ts";
import type { Isolation, ModuleCall, PipelineFilters, ProcessFields } from "../core/port/runner.ts";
import type { ReadAs } from "../core/read.ts";
import type { Resources } from "../core/resources.ts";
import type { Json, JsonObject, OnFailure } from "../core/run.ts";
import type { RunPolicy } from "../core/run-policy.ts";

/** One consumed dataset: the short form `table: prep` means the dataset of the same name. */
export interface ConsumeDefinition {
  run: string;
  dataset: string;
  as: ReadAs;
  /** Chooses among the arms of an upstream run with a matrix: a value for some or all of its axes. */
  where: Record<string, Json> | null;
}

/** A dataset that a run is given from outside the session. Texts may still hold references. */
export type InjectDefinition =
  /** A file or folder, absolute. */
  | { kind: "file"; path: string }
  | { kind: "value"; value: Json }
  /** A version that an earlier run saved; the id may be a beginning of one. */
  | { kind: "run_id"; run_id: string; dataset: string; as: ReadAs }
  /** What an alias stands for when the plan is made; its own dataset if none is named. */
  | { kind: "alias"; alias: string; dataset: string | null; as: ReadAs };

export interface MatrixDefinition {
  /** Axes in declaration order. */
  axes: Record<string, Json[]>;
  include: Record<string, Json>[];
  exclude: Record<string, Json>[];
}

/** Fields that runs of every kind have. */
export interface CommonFields {
  needs: string[];
  consumes: Record<string, ConsumeDefinition>;
  /** Inputs below `consumes` that come from elsewhere than a run of this workflow. */
  injects: Record<string, InjectDefinition>;
  matrix: MatrixDefinition | null;
  timeoutMs: number | null;
  cache: CacheMode;
  policy: RunPolicy;
  /** Program and arguments that take back the run's effects elsewhere; null if none is given. */
  onRollback: string[] | null;
  /** Resources that the run takes of the machine while it runs. */
  resources: Resources;
}

interface BaseDefinition extends CommonFields {
  name: string;
}

/**
 * Strings may still hold `${matrix.x}` and `${env:NAME}`. Paths are absolute; one that began with such a reference is the
 * folder, `/`, and what was written. `python` is a bare name if the file has one.
 */
export interface KedroDefinition extends BaseDefinition {
  kind: "kedro";
  project: string;
  python: string | null;
  env: string | null;
  conf_source: string | null;
  pipeline_names: string[];
  filters: PipelineFilters;
  params: JsonObject;
  runner: string;
  is_async: boolean;
  outputs: string[];
}

interface ProcessDefinition extends BaseDefinition, ProcessFields {
  /** Files, folders and globs, absolute. */
  sources: string[];
}

export interface CommandDefinition extends ProcessDefinition {
  kind: "command";
  argv: string[];
  shell: boolean;
}

export interface ModuleDefinition extends ProcessDefinition {
  kind: "module";
  module: ModuleCall;
}

export type RunDefinition = KedroDefinition | CommandDefinition | ModuleDefinition;

/** A step into the file: keys of mappings, indexes of lists. */
export type KeyPath = readonly (string | number)[];

/** A workflow file as its author meant it: short forms spelled out, defaults applied, each part well-formed by itself. */
export interface WorkflowDefinition {
  name: string;
  /** Absolute; null for one made by a script. */
  file: string | null;
  /** Folder that relative paths are relative to: that of the file, or the working folder of the script. */
  dir: string;
  /** Null if no run needs one. */
  project: string | null;
  /** Null for the number of CPUs. */
  max_parallel: number | null;
  on_failure: OnFailure;
  isolate: Isolation;
  floating: string[];
  publish: string[];
  /** Absolute; null for `data/` beside the registry. */
  store: string | null;
  /** URL prefixes of isolated data, by protocol; data of other protocols stay beside the place in the catalog. */
  remote_stores: Record<string, string>;
  /** Changes of the code that are kept: new files too, or only those of files that git tracks. */
  capture: "all" | "tracked";
  /** Resources that all runs together may take, as far as the file sets them. */
  resources: Partial<Resources>;
  runs: RunDefinition[];
  /**
   * Finds a part of the file: a scalar's own place, the place of the key of a mapping or a list, or the place of the
   * part around a missing one. Keys are those of the file, short forms or not: `["runs", "train", "consumes", "table",
   * "run"]` is found for `table: prep` too. Each call searches; that is cheap, but not free. Null if there is no file.
   */
  locate(path: KeyPath): Location | null;
}

/** A workflow, or its problems; then `sound` has those of its runs that are right by themselves, for those who look for more problems. */
export type CheckedDefinition = Checked<WorkflowDefinition> & { sound?: WorkflowDefinition | undefined };
