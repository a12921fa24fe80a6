import type { Leniency } from "../answer/leniency.ts";
import type { Checked } from "../error/problem.ts";
import type { RunOutcome } from "../event/event.ts";
import type { ProbeAnswer, ProbeRequest } from "../project-facts.ts";
import type { SessionStatus, VersionRecord } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";
import type { PlainStorage } from "./plain-storage.ts";
import type { RemotePlace, RemoteStorage } from "./remote-storage.ts";
import type { KedroTask } from "./runner.ts";

/** A project as runs name it; `python` is null to look for one. */
export type ProjectAddress = Pick<KedroTask, "project_path" | "python" | "env" | "conf_source">;

/** The part of a task that it takes to reach its remote data. */
export type StorageTask = ProjectAddress & Pick<KedroTask, "runtime_params">;

/** Pairs of versions with entries, by dataset. */
export interface Comparison {
  pairs: Readonly<Record<string, { a: VersionRecord; b: VersionRecord }>>;
  leniency: Leniency;
}

/** A session whose runs have ended. */
export interface SessionEnd {
  session_id: SessionId;
  status: Exclude<SessionStatus, "running">;
  runs: readonly RunOutcome[];
}

/** Options for processes of projects that wait for the next session. */
export interface KeepOptions {
  /** Time that one waits, in milliseconds: 0 for none, null for what its runs say. */
  limitMs: number | null;
  /** Told in one line of each process what became of it. */
  onNote(text: string): void;
}

/**
 * Questions to the projects of runs, beside executing these. Methods that ask a project throw ProjectError if it is wrong, and
 * EnvironmentError if the machine is; a process is started at the first question.
 */
export interface ProjectAgent {
  /** Asks a project about the slices of some runs, without running anything. What is wrong with it is a problem. */
  probe(address: ProjectAddress, request: ProbeRequest): Promise<Checked<ProbeAnswer>>;
  /** Prepares for a run that is about to come. What is wrong with its project, the run says. */
  expect(address: ProjectAddress): void;
  /**
   * Compares pairs of versions by what their own dataset classes load: how each differs, as the end of a sentence, null if it
   * does not.
   */
  compare(task: KedroTask, comparison: Comparison): Promise<Record<string, string | null>>;
  /** Reaches plain places on the storage of a version; `findTask` is called at each question. */
  reachPlain(findTask: () => Promise<StorageTask>, version: RemotePlace & { run_id: RunId }): PlainStorage;
  /** Reaches what an attempt keeps on remote storage; `findTask` is called at each question. */
  reachObjects(findTask: () => Promise<StorageTask>, runId: RunId): RemoteStorage;
  /** Calls the hooks for the end of a session in every project that had runs of it. Returns what went wrong. */
  endSession(session: SessionEnd): Promise<string[]>;
  /** Ends processes that orchestrators which are gone have left hanging. */
  endHung(): Promise<void>;
}
