/** How workers are kept for the next session. */
export interface KeepOptions {
  /** How long one waits, in milliseconds. */
  limitMs: number;
  /** Told in one line of each worker what became of it. */
  onNote(text: string): void;
}
