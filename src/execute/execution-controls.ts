import type { RunStatus } from "../core/run.ts";

/** Reason why a session is stopped, for the records of its runs: an AbortSignal is aborted with it. */
export class StopReason extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StopReason";
  }
}

export interface RunStop {
  /** `interrupt` lets the run end by itself; `kill` does not ask. */
  how: "interrupt" | "kill";
  /** Reason for the run's record. */
  reason: string;
}

/** Requests to an execution under way. */
export interface ExecutionControls {
  /** No run starts until `continue`; those under way go on. */
  pause(): void;
  continue(): void;
  /** Stops one run, whether or not it has started. Resolves with the status in which it has ended, null if it is none of these runs. */
  cancel(run: string, stop: RunStop): Promise<RunStatus | null>;
}
