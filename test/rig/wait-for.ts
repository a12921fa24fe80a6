import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";

/** Ends what hangs: however slow the machine, it is far more than what is waited for takes. */
const LIMIT_MS = 120_000;
/** What this process does itself is seen at once, in the middle of it. */
const PROMPT_TURNS = 1_000;
const LOOK_AGAIN_MS = 3;

/**
 * Resolves as soon as `condition` holds, where that takes long soon after, which leaves the processor to what makes it hold; fails the test if
 * it never does.
 */
export async function waitFor(condition: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  for (let turns = 0; !condition(); turns++) {
    if (performance.now() > end) throw new Error(`after ${LIMIT_MS} ms still not: ${condition}`);
    await (turns < PROMPT_TURNS ? turn() : delay(LOOK_AGAIN_MS));
  }
}
