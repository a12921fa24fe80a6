import type { Reporter } from "../../core/port/reporter.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { RunHandle, ScriptHeader, ScriptRun } from "./script-run.ts";

/** Options that hold for every run of a session, as at the top of a workflow file. Relative paths are to the working folder. */
export interface OpenSessionOptions extends ScriptHeader {
  /** The state folder; default: the nearest `.runweave/`. */
  registry?: string;
  reporters?: readonly Reporter[];
  /** Ends the runs under way, and the session. */
  signal?: AbortSignal;
}

/** A session whose runs a script decides on as it goes. */
export interface ScriptSession extends AsyncDisposable {
  readonly sessionId: SessionId;
  /**
   * Runs one pipeline or command to its end. Throws WorkflowError if it can't be planned, EnvironmentError if its project
   * can't be asked, RunFailedError if it fails.
   */
  run(run: ScriptRun): Promise<RunHandle>;
  /** Waits for the runs under way, ends every process of the session and closes its record. */
  close(): Promise<SessionRecord>;
}
