/** The time, injected so that tests, the simulator and a resumed session decide alike. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May step back when the system's clock does. */
  now(): number;
  /** Calls back once, `delayMs` from now; the returned function takes it back. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** ISO 8601 in UTC with milliseconds, the one form of time in events and records. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
