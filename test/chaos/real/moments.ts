import { setTimeout as delay } from "node:timers/promises";
import type { Draw } from "../trial.ts";
import type { Orchestrator } from "./orchestrator.ts";

/** Events of a session of four runs, and what may come after each before the next. */
const LINES = 15;
const BETWEEN_MS = 40;
const START_UP_MS = 200;
const SHARE_OF_START_UP = 0.15;

/** Lets a session get as far as chance will have it: into its start-up, or a little after one of its events. */
export async function awaitMoment(orchestrator: Orchestrator, draw: Draw): Promise<void> {
  if (draw() < SHARE_OF_START_UP) {
    await delay(draw() * START_UP_MS);
    return;
  }
  const isThere = await orchestrator.prints(Math.floor(draw() * LINES));
  if (isThere) await delay(draw() ** 2 * BETWEEN_MS);
}
