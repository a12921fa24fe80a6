import type { RunEvent } from "../core/event/event.ts";
import type { RunStep, Skip } from "./live-run.ts";

/** Other processes that write wait for a transaction with so many. */
const STEPS_AT_ONCE = 1_000;

/** A step that is due. */
export interface Step {
  run: string;
  step: RunStep;
  skip?: Skip;
}

/** Steps that are due, and what has happened and is not stored yet. */
export class StepQueue {
  #steps: Step[] = [];
  #unsaid: RunEvent[] = [];

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0 && this.#unsaid.length === 0;
  }

  push(...steps: readonly Step[]): void {
    this.#steps.push(...steps);
  }

  /** Notes an event that is to be stored with the next batch. */
  say(event: RunEvent): void {
    this.#unsaid.push(event);
  }

  /** Takes as many steps as may be taken at once, with those that they lead to. Returns what is to be stored. */
  take(perform: (step: Step) => void): RunEvent[] {
    let count = 0;
    for (const each of this.#steps) {
      perform(each);
      count += 1;
      if (count === STEPS_AT_ONCE) break;
    }
    this.#steps = this.#steps.slice(count);
    const events = this.#unsaid;
    this.#unsaid = [];
    return events;
  }
}
