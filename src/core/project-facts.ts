import type { Place } from "./place.ts";
import type { Isolation, PipelineFilters } from "./port/runner.ts";
import type { EnvironmentFacts, Json, JsonObject } from "./run.ts";

export interface NodeFacts {
  name: string;
  inputs: string[];
  outputs: string[];
  tags: string[];
  namespace: string | null;
}

/** A string of an entry that is a path, as there is something, or may be one. */
export interface OtherPlace {
  /** With those above it: `labels_path`, `more.labels`. */
  argument: string;
  /** Absolute, with symlinks followed. */
  path: string;
  /** Within the project. What is not there may still be where another dataset is written. */
  is_there: boolean;
}

/** What is at a place on remote storage. */
export interface RemoteContent {
  path: string;
  bytes: number | null;
  /** The storage's own checksum: `s3:etag:...`. */
  hash: string;
}

export interface DatasetFacts {
  /** As the catalog writes it; `MemoryDataset` if no catalog names it. */
  type: string;
  /** Or added to it by a hook of the project. */
  in_catalog: boolean;
  /** Its first path, as the catalog has it; null for what has none. */
  location: string | null;
  /** All that it keeps data at; none for what is in memory. */
  places: Place[];
  /** What it names besides, by arguments that only its class knows to be paths. */
  others?: OtherPlace[];
  /** Of remote data that a slice only reads, of the newest version if there are versions: as the probe found it. */
  content?: RemoteContent;
  /** By the project's own catalog. */
  versioned: boolean;
  /** The newest version of a versioned entry when the probe looked; null if there is none. */
  latest_version: string | null;
  /** Whether it would be elsewhere without the run's parameters. */
  by_params: boolean;
  /** Whether nothing is at the path of an unversioned entry; false where nobody can tell. */
  is_missing: boolean;
  /** Whether saving adds to what is there, as its entry says; not what a generator saves chunk by chunk. */
  appends?: boolean;
  /** Whether one process at a time may have the file of its database open, be it only to read. */
  alone?: boolean;
}

/** What the project said against a run, before a location in the workflow file is known. */
export interface FactProblem {
  code: string;
  message: string;
  hint: string | null;
  /** The path of the parameter that it is about, as `model.alpha`. */
  parameter?: string;
}

/** What can change the result of a slice besides its data: digests by name. */
export interface WorkFacts {
  /** Versions: of Kedro, Python, the installed packages as one. */
  environment: Record<string, string>;
  /** Of each module of the project, what the slice reaches in it. */
  code: Record<string, string>;
  parameters: Record<string, string>;
  /** Of each entry, without the places of its data. */
  catalog: Record<string, string>;
  /** How each node is wired. */
  nodes: Record<string, string>;
  /** What can't be compared, each a clause for people. */
  obstacles: string[];
  /** The values of those parameters that are short and plain. */
  shown?: Record<string, Json>;
  /** Where the modules are, relative to the project; without those that are elsewhere. */
  modules?: Record<string, string>;
}

/** What one run would do in its project: the part of the pipeline that its filters select. */
export interface SliceFacts {
  problems: FactProblem[];
  nodes: NodeFacts[];
  /** Read and not written by the slice, parameters left out. */
  inputs: string[];
  /** Written by the slice, intermediates too. */
  outputs: string[];
  /** Of which its nodes say how far they have come. */
  confirms?: string[];
  datasets: Record<string, DatasetFacts>;
  /** Only if it was asked for, and if there is no problem. */
  work?: WorkFacts;
  /** What its project runs in; likewise. */
  environment?: Omit<EnvironmentFacts, "platform">;
}

/** What to ask a project of one run. */
export interface SliceQuestion {
  pipeline_names: string[];
  filters: PipelineFilters;
  runner: string;
  is_async: boolean;
  /** Declared: they get entries of their own. */
  outputs: string[];
  /** Consumed, wherever they come from. */
  supplied: string[];
  /** Whose writes get places of their own; without it none do. */
  isolate?: Isolation;
  floating?: string[];
}

/** A project, asked without running it. Null for a run that has no project. */
export type ProjectFacts = ReadonlyMap<string, SliceFacts>;

/** Asks projects about runs: one answer per run name. */
export interface ProbeAnswer {
  kedro: string;
  python: string;
  pipelines: string[];
  slices: Record<string, SliceFacts>;
  /** Installed, name to version; only with `work`. */
  packages?: Record<string, string>;
}

export interface ProbeRequest {
  runtime_params: JsonObject;
  slices: Record<string, SliceQuestion>;
  /** Whether to tell `work` too, which takes longer. */
  work?: boolean;
}
