/** Which of a run's attempts a fault strikes: so many of them, every one, or each by chance. */
export type Often = { times: number } | { chance: number };

/** A duration that is drawn anew for each attempt, evenly from its limits; both are equal for a fixed one. Milliseconds. */
export interface DurationRange {
  leastMs: number;
  mostMs: number;
}

/** What goes wrong with an attempt. */
export type AttemptFault =
  /**
   * It ends with an exception of this type, null for the one that such a run fails with, `afterMs` into its time; null for a
   * random moment of it.
   */
  | { kind: "fails"; type: string | null; afterMs: DurationRange | null }
  /** Its process is killed by nobody that it knows. */
  | { kind: "dies"; afterMs: DurationRange | null }
  /** It never ends by itself. */
  | { kind: "hangs" }
  /** It says that it saved what is not there. */
  | { kind: "loses" };

/**
 * When something happens to the whole session: at a time since its start, when so many runs have ended, or just before or
 * after a write to the registry, counted from 1.
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
