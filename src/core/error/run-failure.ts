import type { ExceptionRecord, PinRule, RunRecord } from "../run.ts";

/** A version that a run was given, and whether it came to load it. */
export interface GivenVersion {
  dataset: string;
  version: string;
  rule: PinRule;
  /** The run that saved it; null for what the project had, a file, or a value. */
  from_run: string | null;
  from_dataset: string | null;
  /** Null for a command, which does not tell. */
  loaded: boolean | null;
}

/** Fields of the record of the last attempt that was started. */
type RecordedFields =
  | "session_id"
  | "workflow"
  | "run"
  | "run_id"
  | "attempt"
  | "max_attempts"
  | "unstarted_attempts"
  | "allow_failure";

/** The facts that people look at first when a run has failed. `errors --json` prints it, `MultirunError` carries it. */
export interface RunFailure extends Pick<RunRecord, RecordedFields> {
  node: string | null;
  /** The exception with its causes and tracebacks. */
  exception: ExceptionRecord | null;
  /** Reason why the run was not tried again, or why it failed before its start. */
  reason: string | null;
  loaded_from: GivenVersion[];
  /** Absolute; null if there is none. */
  log: string | null;
  log_tail: string[];
  /** A command line that runs it again on the same versions; null if none does. */
  reproduce: string | null;
}
