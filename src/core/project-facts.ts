import type { Place } from "./place.ts";
import type { Isolation, PipelineFilters } from "./port/runner.ts";
import type { CatalogEntry, EnvironmentFacts, Json, JsonObject } from "./run.ts";

export interface NodeFacts {
  name: string;
  inputs: string[];
  outputs: string[];
  tags: string[];
  namespace: string | null;
}

/** A string of an entry that is a path, as there is something, or may be one. */
export interface OtherPlace {
  /** Argument with those above it: `labels_path`, `more.labels`. */
  argument: string;
  /** Absolute, with symlinks followed. */
  path: string;
  /** Within the project. What is not there may still be where another dataset is written. */
  is_there: boolean;
}

/** Data at a place on remote storage. */
export interface RemoteContent {
  path: string;
  bytes: number | null;
  /** The storage's own checksum: `s3:etag:...`. */
  hash: string;
}

export interface DatasetFacts {
  /** Type as the catalog writes it; `MemoryDataset` if the dataset is in no catalog. */
  type: string;
  /** True if the dataset is in the catalog, or was added to it by a hook of the project. */
  in_catalog: boolean;
  /** First path of the dataset, as the catalog has it; null for a dataset without a path. */
  location: string | null;
  /** All that it keeps data at; none for what is in memory. */
  places: Place[];
  /** Further places, named by arguments that only its class knows to be paths. */
  others?: OtherPlace[];
  /** Remote data that a slice only reads, as the probe found them; of the newest version if there are versions. */
  content?: RemoteContent;
  /** True if the project's own catalog versions the dataset. */
  versioned: boolean;
  /** The newest version of a versioned entry when the probe looked; null if there is none. */
  latest_version: string | null;
  /** True if the place would be another one without the run's parameters. */
  by_params: boolean;
  /** True if the path of an unversioned entry does not exist; false if that is unknown. */
  is_missing: boolean;
  /** Catalog entry of what a slice writes, as a version is recorded with it; null if it has no form in JSON. */
  entry?: CatalogEntry | null;
  /** True if saving adds to existing data, by the entry; a generator that saves chunk by chunk does not count. */
  appends?: boolean;
  /** True if only one process at a time may have the file of the database open, for reading too. */
  alone?: boolean;
}

/** Objection of the project against a run, before its location in the workflow file is known. */
export interface FactProblem {
  code: string;
  message: string;
  hint: string | null;
  /** The path of the parameter that it is about, as `model.alpha`. */
  parameter?: string;
}

/** Digests by name of all that can change the result of a slice besides its data. */
export interface WorkFacts {
  /** Versions: of Kedro, Python, the installed packages as one. */
  environment: Record<string, string>;
  /** Digests of the code that the slice reaches, by module of the project. */
  code: Record<string, string>;
  parameters: Record<string, string>;
  /** Digests of catalog entries, without the places of their data. */
  catalog: Record<string, string>;
  /** Digests of how each node is wired. */
  nodes: Record<string, string>;
  /** Values that can't be compared, each a clause for people. */
  obstacles: string[];
  /** The values of those parameters that are short and plain. */
  shown?: Record<string, Json>;
  /**
   * Files of configuration, relative to the project, with the parameters that each may give, "" for all; null if that
   * is unknown.
   */
  origins?: Record<string, string[]> | null;
  /** Files of the modules, relative to the project; modules elsewhere are left out. */
  modules?: Record<string, string>;
}

/** Work of one run in its project: the part of the pipeline that its filters select. */
export interface SliceFacts {
  problems: FactProblem[];
  nodes: NodeFacts[];
  /** Read and not written by the slice, parameters left out. */
  inputs: string[];
  /** Written by the slice, intermediates too. */
  outputs: string[];
  /** Datasets whose progress the nodes confirm. */
  confirms?: string[];
  datasets: Record<string, DatasetFacts>;
  /** Present only if it was asked for and there is no problem. */
  work?: WorkFacts;
  /** Environment of the project; present under the same conditions. */
  environment?: Omit<EnvironmentFacts, "platform">;
}

/** Question to a project about one run. */
export interface SliceQuestion {
  pipeline_names: string[];
  filters: PipelineFilters;
  runner: string;
  is_async: boolean;
  /** Declared: they get entries of their own. */
  outputs: string[];
  /** Consumed, wherever they come from. */
  supplied: string[];
  /** Outputs that get places of their own; without it none do. */
  isolate?: Isolation;
  floating?: string[];
}

/** A project, asked without running it. Null for a run that has no project. */
export type ProjectFacts = ReadonlyMap<string, SliceFacts>;

/** Asks projects about runs: one answer per run name. */
export interface ProbeAnswer {
  kedro: string;
  python: string;
  /** Path of the interpreter; an answer that an older runweave kept has none. */
  executable?: string;
  pipelines: string[];
  slices: Record<string, SliceFacts>;
  /** Installed, name to version; only with `work`. */
  packages?: Record<string, string>;
}

export interface ProbeRequest {
  runtime_params: JsonObject;
  slices: Record<string, SliceQuestion>;
  /** True to ask for `work` too, which takes longer. */
  work?: boolean;
}
