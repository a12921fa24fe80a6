import { setImmediate } from "node:timers/promises";

/** Ends what hangs: however slow the machine, it is far more than what is waited for takes. */
const LIMIT_MS = 120_000;

/** Resolves as soon as `condition` holds; fails the test if it never does. */
export async function waitFor(condition: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`after ${LIMIT_MS} ms still not: ${condition}`);
    await setImmediate();
  }
}
