import type { RunId } from "../run-id.ts";
import type { Discard } from "../trash.ts";
import type { OfRun } from "./event-stamp.ts";

/** What an attempt saved is about to go into the trash, or is gone for good. Recorded before anything moves. */
export interface RunDiscarded extends OfRun<"run.discarded">, Omit<Discard, "time"> {}

/** It is back where it was. */
export interface RunRestored extends OfRun<"run.restored"> {
  run_id: RunId;
  entry: string;
}

/** What becomes of an attempt's data after its end. */
export type DisposalEvent = RunDiscarded | RunRestored;
