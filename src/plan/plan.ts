import type { WatchedFile, WorkDescription } from "../core/fingerprint.ts";
import type { SharedPlace } from "../core/place.ts";
import type { CommandTask, PlannedSave, Task } from "../core/port/runner.ts";
import type { ConsumedRead, GivenRead, Reads } from "../core/read.ts";
import type { Resources } from "../core/resources.ts";
import type { Json, OnFailure } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { RunPolicy } from "../core/run-policy.ts";
import type { InjectDefinition, RunDefinition } from "../define/definition.ts";

/** One run of the session: a declared run, or one arm of its matrix, with all references filled in. */
export interface ExpandedRun {
  /** `prep`, or `train[seed=1,model=linear]`. */
  run: string;
  definition: RunDefinition;
  /** Values of the matrix; empty without one. */
  arm: Record<string, Json>;
  task: Task;
  /** Names of runs (arms) that it waits for, consumed or needed. In declaration order, each once. */
  needs: string[];
  consumes: Record<string, ConsumedRead>;
  injects: Record<string, Injection>;
  timeoutMs: number | null;
  policy: RunPolicy;
  /** Command that takes back the run's effects elsewhere; null if none is given. */
  onRollback: CommandTask | null;
  resources: Resources;
}

/**
 * A dataset from outside the session that has not been looked at yet. `shown` keeps `${env:NAME}` as it was written.
 */
export type Injection = InjectDefinition & { shown: string };

/** Inputs from outside the session, as they were found: by run, then by the declared dataset. */
export type GivenReads = ReadonlyMap<string, Readonly<Record<string, GivenRead>>>;

/** A run whose reads and writes are known; only upstream's versions are still to come. */
export interface PlannedRun extends Omit<ExpandedRun, "consumes" | "injects"> {
  /** Decision on each dataset that it reads, or writes at a place. */
  reads: Reads;
  /** Position in an order that can be executed. */
  index: number;
  /** All datasets that its slice writes, in memory too; absent where the project was not asked. */
  saves?: Record<string, PlannedSave>;
  /** Plain paths that it reads or writes, as every other run does that names them; absent if there are none. */
  places?: SharedPlace[];
  /** Description of all that the result depends on; null if the run is executed in any case. */
  work: WorkDescription | null;
  /** Files that the command is made of; only in a locked plan. */
  watched?: WatchedFile[];
  /** Present only in a replay. */
  replay?: PlannedReplay;
}

/** Action of a replay on a run of the replayed session. */
export type ReplayAction =
  /** No dependency of the run changes: its earlier result is linked. */
  | "link"
  /** Something upstream is executed: linked if what it reads comes out equal, else executed. */
  | "compare"
  | "run";

export interface PlannedReplay {
  action: ReplayAction;
  /** Attempt whose result is linked; null if there is none. */
  run_id: RunId | null;
  /** Content of what the run consumed before, to compare with. */
  inputs: Record<string, string>;
  /** Runs that it waits for without visible data, whose run_ids must be the same as before. */
  needs: Record<string, RunId>;
  /** Reason, as a clause for people. */
  reason: string;
  /** Hashes of tainted versions, by dataset: a run that saves the same content again has not healed it. */
  unlike?: Record<string, string>;
}

/** A dataset that goes to its plain path when the session has succeeded. */
export interface PublishTarget {
  run: string;
  dataset: string;
  /**
   * Plain path of the target, once the plan is complete; absent in plans of an older runweave, and where the project
   * was not asked.
   */
  location?: string;
}

/** The graph, in an order that can be executed. */
export interface Plan {
  workflow: string;
  file: string | null;
  project_path: string | null;
  maxParallel: number | null;
  onFailure: OnFailure;
  /** Resources that the runs together may take at a time; null for no limit. */
  capacity: Resources | null;
  publish: PublishTarget[];
  /** Plain paths that runs write or publish to, so that what is there is no code; absent if there are none. */
  written?: string[];
  /** Changes of the code that are kept: only those of files that git tracks; absent if new files are kept too. */
  capture?: "tracked";
  /** State of the code and configuration of each project when the plan was made; absent if it was not read. */
  sources?: Record<string, string>;
  /** Exactly this is executed, or the session fails: absent unless a lock file says so. */
  locked?: true;
  runs: PlannedRun[];
}
