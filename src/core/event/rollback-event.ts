import type { SessionOwnership } from "../ownership.ts";
import type { RunId } from "../run-id.ts";
import type { Compensation } from "../trash.ts";
import type { Of, OfRun } from "./event-stamp.ts";

/** The file at the place of a publication was kept before the publication. */
export interface PublicationPrepared extends OfRun<"publication.prepared"> {
  run_id: RunId;
  dataset: string;
  location: string;
  entry: string;
  manifest: string;
}

/**
 * Action of a roll-back on a published file. `removed`: there was no file before. `left`: the former file is not kept
 * any more.
 */
export interface UndoneFile {
  path: string;
  action: "put-back" | "removed" | "as-before" | "left";
}

/** The former file is back at the place of the publication. */
export interface PublicationUndone extends OfRun<"publication.undone"> {
  run_id: RunId;
  dataset: string;
  location: string;
  /** Older logs do not have it. Empty if what stood there is kept no more. */
  files?: UndoneFile[];
}

/**
 * A file that was written to the place since the publication goes to the trash, before the former one is put back.
 * Older logs do not have it.
 */
export interface PublicationSetAside extends OfRun<"publication.set_aside"> {
  run_id: RunId;
  dataset: string;
  location: string;
  /** The place that it stood at. */
  path: string;
  entry: string;
  manifest: string;
}

/** The command that takes the run back has ended. */
export interface RunCompensated extends OfRun<"run.compensated">, Omit<Compensation, "time" | "session_id"> {}

/** A process begins, or goes on, to take back what an ended session did. */
export interface RollbackStarted extends Of<"rollback.started"> {
  claim: SessionOwnership;
  command_line: string[];
  /** Over what has changed since, too. */
  force: boolean;
}

export interface RollbackEnded extends Of<"rollback.ended"> {
  status: "done" | "failed";
  message: string;
}

/** The taking back of what a session did outside of its own places. */
export type RollbackEvent =
  | PublicationPrepared
  | PublicationSetAside
  | PublicationUndone
  | RunCompensated
  | RollbackStarted
  | RollbackEnded;
