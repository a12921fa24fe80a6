import type { VirtualClock } from "./virtual-clock.ts";

/**
 * End of a simulated piece of work: it finished; the orchestrator crashed; or it hung, with no timer left to wait for.
 */
export type Driven<T> = { end: "finished"; value: T } | { end: "crashed" | "hung" };

/**
 * Lets time pass until `work` is done: fires timer after timer, each when all effects of the one before have come to
 * rest. It never waits for real time. Rejects as `work` does.
 */
export async function driveClock<T>(
  work: Promise<T>,
  { clock, hasCrashed }: { clock: VirtualClock; hasCrashed(): boolean },
): Promise<Driven<T>> {
  let ended: Driven<T> | null = null;
  let fault: { error: unknown } | null = null;
  work.then(
    (value) => {
      ended = { end: "finished", value };
    },
    (error: unknown) => {
      fault = { error };
    },
  );
  for (;;) {
    await comeToRest();
    if (hasCrashed()) return { end: "crashed" };
    if (fault !== null) throw (fault as { error: unknown }).error;
    if (ended !== null) return ended;
    if (!clock.fireNext()) return { end: "hung" };
  }
}

/** Every promise that can be settled without I/O or timers is settled by then. */
function comeToRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
