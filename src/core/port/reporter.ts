import type { RunEvent } from "../event/event.ts";
import type { SessionRecord } from "../run.ts";

/** Tells people or scripts what happens. Every method is optional but the first. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** Tells the state of a resumed session before it goes on. */
  onRestored?(session: SessionRecord): void;
  /** One line for people that is no event, such as what a second Ctrl-C would do. */
  onNotice?(text: string): void;
  /** Leaves the terminal as it was. It is called before the process ends, after a failure too. */
  close?(): void;
}
