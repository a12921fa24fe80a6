import type { Json } from "../../core/run.ts";

/**
 * Content of a lock file: everything that the runs of a workflow depend on, in a form that is the same on every
 * machine.
 */
export interface Lock {
  workflow: LockedWorkflow;
  /** Environments of Python runs and Python commands, by the project's folder or the program. */
  environments: Record<string, LockedEnvironment>;
  /** Runs by name; each arm of a matrix is one. */
  runs: Record<string, LockedRun>;
}

/** Settings of the session as a whole, as the file has them. */
export interface LockedWorkflow {
  name: string;
  on_failure: string;
  isolate: string;
  /** `dataset of run`. */
  publish: string[];
}

export interface LockedEnvironment {
  python: string;
  /** Left out where there is none. */
  kedro?: string;
  packages: Record<string, string>;
}

export interface LockedRun {
  /** The run as the file has it. Paths are relative to the file; `${env:NAME}` stands for itself, not for its value. */
  task: Record<string, Json>;
  /** Program of a command: where it is found, its hash, and the version of a Python or a Node. */
  program: Record<string, string>;
  /** Key of `environments`; null for a command whose program is no Python. */
  environment: string | null;
  /** Code of the run: module, node or source file -> digest. */
  code: Record<string, string>;
  /** Values that are short and plain, digests of the others. */
  parameters: Record<string, Json>;
  /** Entry -> digest of all of it but the places of its data. */
  catalog: Record<string, string>;
  /** Source and version of each dataset that the run reads, as far as they are known before any run starts. */
  pins: Record<string, LockedPin>;
  /** Dependencies that are not locked, each a clause for people. */
  unlocked: string[];
  /**
   * Digest of all the above but `unlocked`, and of the environment. Versions that upstream runs of the session are
   * still to save are no part of it.
   */
  fingerprint: string;
}

/** `consumed` names a run of the session, whose version is still to come; `external` a file that the project reads from outside. */
export const LOCKED_RULES = ["consumed", "frozen", "external", "file", "value", "run_id", "alias"] as const;
export type LockedRule = (typeof LOCKED_RULES)[number];

/** A version that a run reads. Keys without a value are left out. */
export interface LockedPin {
  rule: LockedRule;
  as?: "downstream";
  run?: string;
  dataset?: string;
  alias?: string;
  run_id?: string;
  version?: string;
  path?: string;
  value?: Json;
  hash?: string;
}

/** Parts of a lock, each before those that it can change. */
export const LOCK_PARTS = [
  "workflow",
  "task",
  "program",
  "environment",
  "code",
  "parameters",
  "catalog",
  "pins",
] as const;
export type LockPart = (typeof LOCK_PARTS)[number];

/** One thing that is not as the lock file has it. */
export interface Drift {
  part: LockPart;
  /** Name of the part that differs: a parameter, a module, a package, a dataset; dotted if it is nested. */
  key: string;
  /** Runs that the difference concerns; empty for all runs. */
  runs: string[];
  /** File to look at, relative to the workflow file; null if there is none in particular. */
  file: string | null;
  /** Null where one side has none. */
  before: Json;
  after: Json;
}
