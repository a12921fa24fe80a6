import { setTimeout as delay } from "node:timers/promises";
import type { Draw } from "../trial.ts";
import type { Orchestrator } from "./orchestrator.ts";

/** How a session goes: its events, what may come after each before the next, and how long it takes to begin. */
export interface Pace {
  lines: number;
  betweenMs: number;
  startUpMs: number;
}

/** A session of four commands. */
const COMMANDS: Pace = { lines: 15, betweenMs: 40, startUpMs: 200 };
const SHARE_OF_START_UP = 0.15;

/** Lets a session get as far as chance will have it: into its start-up, or a little after one of its events. */
export async function awaitMoment(orchestrator: Orchestrator, draw: Draw, pace: Pace = COMMANDS): Promise<void> {
  if (draw() < SHARE_OF_START_UP) {
    await delay(draw() * pace.startUpMs);
    return;
  }
  const isThere = await orchestrator.prints(Math.floor(draw() * pace.lines));
  if (isThere) await delay(draw() ** 2 * pace.betweenMs);
}
