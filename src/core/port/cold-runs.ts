import type { VersionRecord } from "../run.ts";
import type { RunId } from "../run-id.ts";
import type { KedroTask } from "./runner.ts";

/** Variable that asks the processes of projects to note what each run finds in them; its value is `1`. */
export const OBSERVE_VARIABLE = "RUNWEAVE_OBSERVE";

/** Digests of what a run found in its process, by name. */
export type ProcessState = Record<string, string>;

/** Outcome of a run on a process that did no other work before. */
export interface ColdRun {
  outputs: Record<string, VersionRecord>;
  state: ProcessState | null;
  /** Null if it succeeded. */
  failure: string | null;
}

/** An attempt that is done again. */
export interface ColdRunOrder {
  /** The attempt to do again. */
  original: RunId;
  runId: RunId;
  /** Folder for all files that the run leaves; the caller removes it. */
  scratch: string;
  task: KedroTask;
}

/** Attempts of one state folder, next to the same on fresh processes. */
export interface ColdRuns {
  /** Reads the state that a run found in its process; null if that was not asked to note it. */
  readState(runId: RunId): ProcessState | null;
  /** Does an attempt again, as it was specified, on a process of its own. Throws EnvironmentError, ProjectError. */
  run(order: ColdRunOrder): Promise<ColdRun>;
}
