import type { RunEvent } from "./event.ts";

/** Tells people or scripts what happens. Every method is optional but the first. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** One line for people that is no event, such as what a second Ctrl-C would do. */
  onNotice?(text: string): void;
  /** Before the process ends, whatever happened: leave the terminal as it was. */
  close?(): void;
}
