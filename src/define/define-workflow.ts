import type { CacheMode } from "../core/fingerprint.ts";
import type { Json } from "../core/run.ts";
import type { CleanupPolicy } from "../core/trash.ts";

/** Seconds, or a text: `500ms`, `30s`, `30m`, `1h30m`, `7d`. */
export type DurationInput = number | string;

/** A consumed dataset: the run that saves it under the same name, or more. */
export type ConsumeInput<Name extends string = string> =
  | Name
  | {
      run: Name;
      /** Name of the dataset in that run, if it is another one. */
      dataset?: string;
      /** Project whose catalog entry reads it. Default: `upstream`, that of the run which saved it. */
      as?: "upstream" | "downstream";
      /** Arm of a run with a matrix. */
      where?: Record<string, Json>;
    }
  | InjectInput;

/** A dataset from elsewhere than a run of this workflow. */
export type InjectInput =
  /** A file or folder, relative to the file: read as it is when the plan is made. */
  | { file: string }
  /** The data themselves. */
  | { value: Json }
  /** An earlier run, of any session of the registry: its run_id, or an unambiguous beginning. */
  | { run_id: string; dataset?: string; as?: "upstream" | "downstream" }
  /** What `runweave alias` says when the plan is made; its own dataset if none is named. */
  | { alias: string; dataset?: string; as?: "upstream" | "downstream" };

/** Axes and their values; `include` and `exclude` as in GitHub Actions. */
export type MatrixInput = Record<string, readonly Json[]>;

/** One name stands for a list of it. */
type Names<Name extends string = string> = Name | readonly Name[];

interface AnyRun<Name extends string> {
  /** Datasets that come from another run, a file, or the declaration itself. */
  consumes?: Record<string, ConsumeInput<Name>>;
  /** Runs to wait for without consuming anything. */
  needs?: Names<Name>;
  /**
   * `success` (default): after what it needs has succeeded; `failure`: only if some of that has failed; `always`. Those two
   * wait for all other runs if they need none, and can't consume from runs.
   */
  run_on?: "success" | "failure" | "always";
  matrix?: MatrixInput;
  /** Program and arguments that take back what the run did elsewhere, for `runweave rollback`. */
  on_rollback?: readonly [string, ...string[]];
}

/** Number of retries of a failed run, or a whole retry policy. */
export type RetriesInput =
  | number
  | {
      /** Attempts after the first. */
      max: number;
      /** The wait before each further attempt. Default: none; `factor`: 2. */
      backoff?: DurationInput | { initial: DurationInput; factor?: number; max?: DurationInput; jitter?: boolean };
      /** Types of exceptions, causes included. Default: any failure. */
      on?: readonly string[];
      /** Go on at the node that failed, instead of beginning afresh. Kedro runs only. Default: false. */
      resume?: boolean;
    };

/** An amount of memory: bytes, or a text such as `500MB`, `2GB` (10^9 bytes) or `2GiB` (2^30). */
export type MemoryInput = number | string;

/** Resources of a machine, or those that a run takes. */
export interface ResourcesInput {
  /** CPUs; shares such as 0.5 too. */
  cpu?: number;
  memory?: MemoryInput;
  gpu?: number;
}

interface AnyRunDefaults {
  timeout?: DurationInput;
  /** Resources that the run takes: it starts when that much is free. Default: none. */
  resources?: ResourcesInput;
  retries?: RetriesInput;
  /** The session goes on, and can succeed, though this run fails. What failed is never consumed. */
  allow_failure?: boolean;
  /** Treatment of the data of failed attempts, once the session has ended: `keep` (default), `trash` or `delete`. */
  cleanup_on_error?: CleanupPolicy;
  /** Reuse of an earlier result if all that it depends on is as it was: off (default), on, or only: never execute. */
  cache?: CacheMode | boolean;
}

interface KedroDefaults {
  /** Folder of the Kedro project, relative to the file. */
  project?: string;
  python?: string;
  /** Kedro's environment, a folder below `conf/`. */
  env?: string;
  conf_source?: string;
  params?: Record<string, Json>;
  /** `SequentialRunner` (default), `ThreadRunner`, `ParallelRunner` or a dotted class. */
  runner?: string;
  async?: boolean;
  tags?: Names;
  nodes?: Names;
  from_nodes?: Names;
  to_nodes?: Names;
  from_inputs?: Names;
  to_outputs?: Names;
  namespaces?: Names;
  /** How long the worker of the project waits for the next session: at most 24h. Default: it ends with this one. */
  keep_worker?: DurationInput;
}

interface CommandDefaults {
  /** Working folder, relative to the file. Default: the folder of the file. */
  cwd?: string;
  environment?: Record<string, string>;
}

interface KedroRunFields<Name extends string> extends AnyRun<Name>, AnyRunDefaults, KedroDefaults {
  /** Datasets that other runs may consume. */
  outputs?: Names;
  command?: never;
  module?: never;
}

/** A pipeline of a Kedro project. */
export type KedroRun<Name extends string = string> = KedroRunFields<Name> &
  ({ pipeline: string; pipelines?: never } | { pipelines: string | readonly [string, ...string[]]; pipeline?: never });

interface ProcessRunFields<Name extends string> extends AnyRun<Name>, AnyRunDefaults, CommandDefaults {
  /** Further files, folders and globs that the result depends on, relative to the file. */
  sources?: Names;
  /** Names of files that it writes where it is told, or names and paths of files to capture. */
  outputs?: Names | Record<string, string>;
  pipeline?: never;
  pipelines?: never;
}

/** Any program: its arguments, or with `shell: true` one line for the shell. */
export type CommandRun<Name extends string = string> = ProcessRunFields<Name> & { module?: never } & (
    | { command: readonly [string, ...string[]]; shell?: false }
    | { command: string; shell: true }
  );

/** A function: the default export of a TypeScript or JavaScript module, as `defineModule` makes it. */
export interface ModuleRun<Name extends string = string> extends ProcessRunFields<Name> {
  /** The file, relative to the workflow file. */
  module: string;
  /** Parameters of the function, as `params`. */
  params?: Record<string, Json>;
  command?: never;
  shell?: never;
}

/** A run of a workflow whose runs have these names: it consumes from them, and waits for them. */
export type Run<Name extends string = string> = KedroRun<Name> | CommandRun<Name> | ModuleRun<Name>;

/**
 * A workflow as a file or a script declares it, short forms and all. Keys are spelled as in YAML. `Name`: the names of its runs, where
 * they are known when types are checked.
 */
export interface Workflow<Name extends string = string> {
  /** JSON Schema, for editors of JSON files. */
  $schema?: string;
  /** Default: the file's name. */
  name?: string;
  project?: string;
  python?: string;
  /** Default: the number of CPUs. */
  max_parallel?: number;
  on_failure?: "fail-fast" | "continue";
  /** Default for runs that don't set it themselves. */
  cleanup_on_error?: CleanupPolicy;
  isolate?: "all" | "declared" | "none";
  floating?: Names;
  publish?: Names;
  /** A folder, a URL prefix, or `local` and protocols with one each. */
  store?: string | Readonly<Record<string, string>>;
  /** Changes of the code that are kept: new files too (default), or only those of files that git tracks. */
  capture?: "all" | "tracked";
  /** Resources that all runs together may take. Default: those of the machine. */
  resources?: ResourcesInput;
  /** Fields for every run that does not say them itself. */
  defaults?: AnyRunDefaults & KedroDefaults & CommandDefaults;
  runs: Record<Name, Run<NoInfer<Name>>>;
}

/**
 * Declares a workflow in TypeScript: `export default defineWorkflow({ runs: { ... } })`. That `consumes` and `needs` name runs of it is
 * checked with the types; all else, and names that only a running script knows, when it is loaded.
 */
export function defineWorkflow<Name extends string>(input: Workflow<Name>): Workflow {
  return input;
}

/** A workflow, or the path of its file. */
export type WorkflowSource = Workflow | string;
