/** The parts of a command's time, in the order in which they are told. */
export const PHASES = [
  "start",
  "read",
  "open",
  "ask",
  "worker",
  "plan",
  "record",
  "runs",
  "between",
  "finish",
  "close",
] as const;

export type Phase = (typeof PHASES)[number];

/** Phases that go on beside others: time is counted for the first of them that is under way. */
const BESIDE = ["runs", "worker", "ask"] as const satisfies readonly Phase[];
type BesidePhase = (typeof BESIDE)[number];
/** Phases that follow one another. */
type StepPhase = Exclude<Phase, BesidePhase>;

export interface PhaseTime {
  phase: Phase;
  duration_ms: number;
}

/**
 * Tells where the time of a command goes: each moment is counted for one phase, so that all phases together are the whole time.
 * It begins in `start`, at 0 of the given clock, which is the start of this process by default; in milliseconds.
 */
export class PhaseClock {
  readonly #now: () => number;
  readonly #spent = new Map<Phase, number>();
  readonly #beside = new Map<BesidePhase, number>();
  #step: StepPhase = "start";
  #since = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The next step begins, and the one before is over. */
  enter(step: StepPhase): void {
    this.#count();
    this.#step = step;
  }

  /** Something begins beside the present step, several times if it is called so; the returned function, called once, ends it. */
  begin(phase: BesidePhase): () => void {
    this.#add(phase, 1);
    return () => this.#add(phase, -1);
  }

  /** Counts the time until a promise settles; returns the same promise. */
  during<T>(phase: BesidePhase, work: Promise<T>): Promise<T> {
    const end = this.begin(phase);
    work.then(end, end);
    return work;
  }

  /** Returns the duration of each phase until now, without those that took no time. */
  read(): PhaseTime[] {
    this.#count();
    return PHASES.flatMap((phase) => {
      const duration_ms = this.#spent.get(phase) ?? 0;
      return duration_ms > 0 ? [{ phase, duration_ms }] : [];
    });
  }

  /** Milliseconds since the start. */
  totalMs(): number {
    return this.#now();
  }

  #add(phase: BesidePhase, change: 1 | -1): void {
    this.#count();
    this.#beside.set(phase, (this.#beside.get(phase) ?? 0) + change);
  }

  #count(): void {
    const now = this.#now();
    const phase = BESIDE.find((each) => (this.#beside.get(each) ?? 0) > 0) ?? this.#step;
    this.#spent.set(phase, (this.#spent.get(phase) ?? 0) + now - this.#since);
    this.#since = now;
  }
}
