/**
 * Attempts of a run that a fault strikes. `times`: so many, after those of the run's earlier counted faults; infinite for
 * all. `chance`: each, with this probability from 0 to 1.
 */
export type Often = { times: number } | { chance: number };

/** A duration that is drawn anew for each attempt, evenly from its limits; both are equal for a fixed one. Milliseconds. */
export interface DurationRange {
  leastMs: number;
  mostMs: number;
}

/** A fault of one attempt. */
export type AttemptFault =
  /**
   * The attempt ends with an exception of this type, `afterMs` into its time. Null type: the run's usual exception.
   * Null time: a random moment.
   */
  | { kind: "fails"; type: string | null; afterMs: DurationRange | null }
  /** Its process is killed by nobody that it knows. */
  | { kind: "dies"; afterMs: DurationRange | null }
  /** It never ends by itself. */
  | { kind: "hangs" }
  /** It says that it saved what is not there. */
  | { kind: "loses" };

/**
 * A moment of the session: a time since its start, so many ended runs, or just before or after a write to the registry,
 * counted from 1.
 */
export type Moment = { atMs: number } | { afterRuns: number } | { beforeWrite: number } | { afterWrites: number };

/** One line of a fault script. `runs` are names of runs of the plan, arms included. */
export type FaultRule =
  | { kind: "strikes"; runs: readonly string[]; fault: AttemptFault; often: Often }
  | { kind: "takes"; runs: readonly string[]; duration: DurationRange }
  | { kind: "slower"; runs: readonly string[]; factor: number }
  /** It takes no notice of being asked to stop; only a kill ends it. */
  | { kind: "stubborn"; runs: readonly string[] }
  | { kind: "interrupt"; moment: Moment }
  | { kind: "kill"; moment: Moment }
  /** The orchestrator is gone from one moment to the next, and what it had not stored with it. */
  | { kind: "crash"; moment: Moment }
  /** The wall clock is set; timers go on as they were. */
  | { kind: "clock"; byMs: number; moment: Moment };
