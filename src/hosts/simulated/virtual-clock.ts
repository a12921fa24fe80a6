import type { Clock } from "../../core/port/clock.ts";

interface Timer {
  dueMs: number;
  callback: (() => void) | null;
}

/** A clock that stands still until it is told to go to its next timer. Timers of one moment fire in the order in which they were set. */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  /** The last is due first. */
  readonly #timers: Timer[] = [];
  #elapsedMs = 0;
  #offsetMs = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Milliseconds since the start, independent of the wall clock's setting. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs + this.#offsetMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.splice(this.#findPlace(timer.dueMs), 0, timer);
    return () => {
      timer.callback = null;
    };
  }

  /** Sets the wall clock forward, or back by a negative number. Timers don't notice. */
  setBy(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** Goes to the next timer and fires it; false if there is none. */
  fireNext(): boolean {
    for (let timer = this.#timers.pop(); timer !== undefined; timer = this.#timers.pop()) {
      if (timer.callback === null) continue;
      this.#elapsedMs = timer.dueMs;
      timer.callback();
      return true;
    }
    return false;
  }

  /** The timer goes before all that are due no later: they were set earlier, and are taken from the end. */
  #findPlace(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
