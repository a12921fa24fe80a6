import { NO_RESOURCES, RESOURCE_KINDS, type Resources } from "../core/resources.ts";

export interface AdmissionLimits {
  /** Runs at once. */
  maxParallel: number;
  /** Resources that runs may take together; null for no limit. */
  capacity: Resources | null;
}

/** Largest number of runs that are found not to fit: looking at 100,000 after each end of a run would take too long. */
const MAX_RESERVATIONS = 100;
/** Shares of a CPU are summed as whole numbers, so that ten tenths are one. */
const SHARES = 1000;

/**
 * Admits runs in the order in which they come, as far as slots and resources go. A run that does not fit reserves its
 * resources: a later one may overtake it only with those that would be left if it ran already. So a run is never
 * delayed by one that overtakes it, and starts at the latest when the runs before it have ended.
 */
export class Admission {
  readonly #maxParallel: number;
  readonly #capacity: Resources | null;
  readonly #queue = new Set<string>();
  readonly #running = new Map<string, Resources>();
  readonly #demands = new Map<string, Resources>();
  #taken: Resources = NO_RESOURCES;
  #isPaused = false;

  constructor({ maxParallel, capacity }: AdmissionLimits) {
    this.#maxParallel = maxParallel;
    this.#capacity = capacity === null ? null : toShares(capacity);
  }

  /** Says what a run will take. What is more than there is counts as all of it, so that the run still starts, alone. */
  expect(run: string, resources: Resources): void {
    const capacity = this.#capacity;
    if (capacity === null || RESOURCE_KINDS.every((kind) => resources[kind] === 0)) return;
    const demand = toShares(resources);
    this.#demands.set(run, combine(demand, capacity, Math.min));
  }

  /** Runs that still wait, in order. */
  get waiting(): Iterable<string> {
    return this.#queue;
  }

  enqueue(run: string): void {
    this.#queue.add(run);
  }

  /** The run is under way already, whether or not it would be admitted. */
  hold(run: string): void {
    const demand = this.#demands.get(run) ?? NO_RESOURCES;
    this.#taken = combine(this.#taken, demand, add);
    this.#running.set(run, demand);
  }

  /** The run has ended, or waits for its next attempt, or won't start any more. */
  release(run: string): void {
    this.#queue.delete(run);
    const freed = this.#running.get(run);
    this.#running.delete(run);
    if (freed !== undefined) this.#taken = combine(this.#taken, freed, subtract);
  }

  /** Stops or resumes the start of runs; runs under way go on. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  /** Takes those that may start now from the queue. */
  admit(): string[] {
    const admitted: string[] = [];
    let reserved = this.#taken;
    let reservations = 0;
    for (const run of this.#queue) {
      if (this.#isPaused || this.#running.size >= this.#maxParallel || reservations > MAX_RESERVATIONS) break;
      const demand = this.#demands.get(run) ?? NO_RESOURCES;
      if (demand !== NO_RESOURCES) {
        const fits = this.#fits(demand, reserved);
        reserved = combine(reserved, demand, add);
        if (!fits) reservations += 1;
        if (!fits) continue;
        this.#taken = combine(this.#taken, demand, add);
      }
      this.#queue.delete(run);
      this.#running.set(run, demand);
      admitted.push(run);
    }
    return admitted;
  }

  #fits(demand: Resources, reserved: Resources): boolean {
    const capacity = this.#capacity;
    return (
      capacity === null ||
      RESOURCE_KINDS.every((kind) => demand[kind] === 0 || reserved[kind] + demand[kind] <= capacity[kind])
    );
  }
}

function toShares({ cpu, memory, gpu }: Resources): Resources {
  return { cpu: Math.round(cpu * SHARES), memory, gpu };
}

function combine(a: Resources, b: Resources, how: (x: number, y: number) => number): Resources {
  return { cpu: how(a.cpu, b.cpu), memory: how(a.memory, b.memory), gpu: how(a.gpu, b.gpu) };
}

const add = (x: number, y: number): number => x + y;
const subtract = (x: number, y: number): number => x - y;
