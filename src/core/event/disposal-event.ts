import type { RunId } from "../run-id.ts";
import type { Discard } from "../trash.ts";
import type { OfRun } from "./event-stamp.ts";

/** Data of an attempt are about to go into the trash, or are deleted. The event is recorded before the data move. */
export interface RunDiscarded extends OfRun<"run.discarded">, Omit<Discard, "time"> {}

/** The data are back in their place. */
export interface RunRestored extends OfRun<"run.restored"> {
  run_id: RunId;
  entry: string;
}

/** Changes to an attempt's data after its end. */
export type DisposalEvent = RunDiscarded | RunRestored;
