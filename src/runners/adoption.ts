import type { HoldQueue } from "../core/hold.ts";
import type { AttemptHandlers, ResolvedRun, StateFolders, Task } from "../core/port/runner.ts";
import type { SealAttempt } from "./attempt-seals.ts";

/** An attempt to go on with. */
export interface Adoption<T extends Task = Task> {
  run: ResolvedRun & { task: T };
  handlers: AttemptHandlers;
  folders: StateFolders;
  holds: HoldQueue;
  seal: SealAttempt;
  /** Number of its first events that are on record. */
  told: number;
}
