import type { RunEvent } from "../../core/event/event.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { Reporter } from "../../core/port/reporter.ts";

/** Counts the time in which any run of a session is executed. */
export class RunPhases implements Reporter {
  readonly #phases: PhaseClock;
  /** By run: what ends it. */
  readonly #running = new Map<string, () => void>();

  constructor(phases: PhaseClock) {
    this.#phases = phases;
  }

  /** A run is executed from now on. */
  begin(run: string): void {
    if (!this.#running.has(run)) this.#running.set(run, this.#phases.begin("runs"));
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case "run.started":
        this.begin(event.run);
        break;
      case "run.succeeded":
      case "run.failed":
      case "run.cancelled":
        this.#running.get(event.run)?.();
        this.#running.delete(event.run);
    }
  }
}
