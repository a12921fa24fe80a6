/** Options for keeping workers for the next session. */
export interface KeepOptions {
  /** Time that one waits, in milliseconds. */
  limitMs: number;
  /** Told in one line of each worker what became of it. */
  onNote(text: string): void;
}
