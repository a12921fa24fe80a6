/** A caller's signal has ended what was asked for before anything of it was recorded. */
export class InterruptedError extends Error {
  constructor() {
    super("interrupted");
    this.name = "InterruptedError";
  }
}
