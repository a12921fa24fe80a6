import type { WatchedFile, WorkDescription } from "../core/fingerprint.ts";
import type { SharedPlace } from "../core/place.ts";
import type { CommandTask, FrozenContent, PlainFile, PlannedSave, ReadAs, Task } from "../core/port/runner.ts";
import type { Resources } from "../core/resources.ts";
import type { Json, OnFailure, VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import type { RunPolicy } from "../core/run-policy.ts";
import type { InjectDefinition, RunDefinition } from "../define/definition.ts";

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
  injects: Record<string, Injection>;
  timeoutMs: number | null;
  policy: RunPolicy;
  /** What takes back what it did elsewhere; null if nobody said how. */
  onRollback: CommandTask | null;
  resources: Resources;
}

/** A consumed dataset, before its version is known. */
export interface PlannedInput {
  run: string;
  dataset: string;
  as: ReadAs;
}

/** A dataset from outside the session, before anybody has looked at it. `shown` keeps `${env:NAME}` as it was written. */
export type Injection = InjectDefinition & { shown: string };

/** A dataset from outside the session, as it was when the plan was made. */
export type FrozenInput = FrozenData | FrozenValue;

interface FrozenPart {
  /** For people: `the file data/raw.csv`. */
  source: string;
  /** Why a pin has this version, as one sentence. */
  reason: string;
}

/** A file, or what an earlier run saved. */
export interface FrozenData extends FrozenPart {
  rule: "file" | "run_id" | "alias";
  /** Null for a file. */
  from_run: string | null;
  /** Its name there; of a file, its path. */
  from_dataset: string;
  as: ReadAs;
  version: VersionRecord;
  /** The run that lists the version among its outputs, if that is another than the version names. */
  vouched_by?: RunId;
  frozen: FrozenContent;
}

export interface FrozenValue extends FrozenPart {
  rule: "value";
  version: string;
  value: Json;
}

/** What was found for each run that takes something from outside the session: by run, then by the declared dataset. */
export type FrozenInputs = ReadonlyMap<string, Readonly<Record<string, FrozenInput>>>;

/** A run whose reads and writes are known; only upstream's versions are still to come. */
export interface PlannedRun extends Omit<ExpandedRun, "injects"> {
  injects: Record<string, FrozenInput>;
  /** Position in an order that can be executed. */
  index: number;
  /** Datasets that the run itself writes and that have a place: pinned to its own run_id. */
  writes: string[];
  /** All that its slice writes, in memory too; absent where nobody has asked the project. */
  saves?: Record<string, PlannedSave>;
  /** Versions that the project had when the plan was made: dataset to version. */
  frozen: Record<string, string>;
  /** Those of `frozen` that a lock file has, though the project may have newer ones; absent if there are none. */
  held?: string[];
  /** Files of the project that no run saves, as they were when the plan was made; absent if there are none. */
  files?: Record<string, PlainFile>;
  /** Plain paths that it reads or writes, as every other run does that names them; absent if there are none. */
  places?: SharedPlace[];
  /** Of what comes from elsewhere or is written anew: the newest version that the project has of it, for `why`. */
  passedOver: Record<string, string>;
  /** What its result depends on; null if it is executed in any case. */
  work: WorkDescription | null;
  /** Of a command whose plan is locked: the files that it is made of. */
  watched?: WatchedFile[];
  /** Only in a replay. */
  replay?: PlannedReplay;
}

/** What a replay makes of a run of the session that it replays. */
export type ReplayAction =
  /** Nothing that it depends on changes: what it came to then is linked. */
  | "link"
  /** Something upstream is executed: linked if what it reads comes out equal, else executed. */
  | "compare"
  | "run";

export interface PlannedReplay {
  action: ReplayAction;
  /** In whose stead it is not executed, if it is linked; null if it has no result of then. */
  run_id: RunId | null;
  /** To compare: what it consumed then, by content. */
  inputs: Record<string, string>;
  /** To compare: runs that it waits for, and whose run_ids must be those of then, since what it has of them nobody sees. */
  needs: Record<string, RunId>;
  /** Why it is so, as a clause for people. */
  reason: string;
  /** To heal: hashes, by dataset, of what is tainted. A run that saves the same again has not mended anything. */
  unlike?: Record<string, string>;
}

/** A dataset that goes to its plain path when the session has succeeded. */
export interface PublishTarget {
  run: string;
  dataset: string;
  /** Its plain path, once the plan is complete; absent in plans of an older runweave, and where nobody has asked the project. */
  location?: string;
}

/** The graph, in an order that can be executed. */
export interface Plan {
  workflow: string;
  file: string | null;
  project_path: string | null;
  maxParallel: number | null;
  onFailure: OnFailure;
  /** What the runs together may take at a time; null for no limit. */
  capacity: Resources | null;
  publish: PublishTarget[];
  /** Plain paths that runs write or publish to, so that what is there is no code; absent if there are none. */
  written?: string[];
  /** The patch of the code has nothing but changes of files that git tracks; absent if it has new files too. */
  capture?: "tracked";
  /** What the code and configuration of each project looked like when the plan was made; absent if nobody looked. */
  sources?: Record<string, string>;
  /** Exactly this is executed, or the session fails: absent unless a lock file says so. */
  locked?: true;
  runs: PlannedRun[];
}
