import type { Json } from "../run.ts";

/** What a lock file holds of a workflow: all that its runs depend on, in a form that is the same on every machine. */
export interface Lock {
  workflow: LockedWorkflow;
  /** What Python runs and Python commands run in, by the project's folder or the program. */
  environments: Record<string, LockedEnvironment>;
  /** By run; each arm of a matrix is one. */
  runs: Record<string, LockedRun>;
}

/** What the file says of the session as a whole. */
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
  /** What the file says of it. Paths are relative to the file; `${env:NAME}` stands for itself, whatever its value. */
  task: Record<string, Json>;
  /** Of a command: where its program is found, the hash of that, and if it is a Python or a Node, its version. */
  program: Record<string, string>;
  /** Which of the environments; null for a command whose program is no Python, which tells of none. */
  environment: string | null;
  /** Of what it runs: module, node or source file -> digest. */
  code: Record<string, string>;
  /** Values that are short and plain, digests of the others. */
  parameters: Record<string, Json>;
  /** Entry -> digest of all of it but the places of its data. */
  catalog: Record<string, string>;
  /** Where each dataset that it reads comes from, and which version of it, as far as that is known before anything runs. */
  pins: Record<string, LockedPin>;
  /** What it depends on and is not locked, each a clause for people. */
  unlocked: string[];
  /** Of all the above but `unlocked`, with its environment: up to what upstream runs of the session are still to save. */
  fingerprint: string;
}

/** `consumed` names a run of the session, whose version is still to come; `external` a file that the project reads from outside. */
export const LOCKED_RULES = ["consumed", "frozen", "external", "file", "value", "run_id", "alias"] as const;
export type LockedRule = (typeof LOCKED_RULES)[number];

/** Keys that say nothing are left out. */
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

/** In the order in which one causes the other. */
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
  /** What differs in it: a parameter, a module, a package, a dataset; dotted if it is nested. */
  key: string;
  /** Whom it concerns; empty if all of them. */
  runs: string[];
  /** Where to look, relative to the workflow file; null if that is nowhere in particular. */
  file: string | null;
  /** Null where one side has none. */
  before: Json;
  after: Json;
}
