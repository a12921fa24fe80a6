import type { EventTail } from "./tail-events.ts";

const POLL_MS = 150;

/** Reads the tails of all attempts under way whenever a bell rings, and now and then in case a ring was lost. */
export class EventWatch {
  readonly #tails = new Set<EventTail>();
  #timer: NodeJS.Timeout | undefined;

  add(tail: EventTail): void {
    this.#tails.add(tail);
    this.#timer ??= setInterval(() => this.ring(), POLL_MS).unref();
  }

  /** Reads the tail to its end, and no more. */
  finish(tail: EventTail): void {
    tail.read();
    tail.close();
    this.#tails.delete(tail);
    if (this.#tails.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  ring(): void {
    for (const tail of this.#tails) tail.read();
  }
}
