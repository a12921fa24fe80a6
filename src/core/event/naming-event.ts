import type { RunId } from "../run-id.ts";
import type { OfRun } from "./event-stamp.ts";

/** The alias stands for what this run saved of the dataset, from now on. */
export interface AliasSet extends OfRun<"alias.set"> {
  run_id: RunId;
  alias: string;
  dataset: string;
}

/** The alias is removed; the run is the one that it stood for. */
export interface AliasRemoved extends OfRun<"alias.removed"> {
  run_id: RunId;
  alias: string;
}

export interface RunTagged extends OfRun<"run.tagged"> {
  run_id: RunId;
  key: string;
  /** Null takes the tag off. */
  value: string | null;
}

export interface RunNoted extends OfRun<"run.noted"> {
  run_id: RunId;
  text: string;
}

/** Names, tags and notes that people add to runs at any time. */
export type NamingEvent = AliasSet | AliasRemoved | RunTagged | RunNoted;
