import type { Hold } from "../core/hold.ts";

/** A hold as it is kept: whether its act is over follows from other tables. */
export type HoldRow = Omit<Hold, "is_ended">;

/** Storage of holds. Called within a transaction. */
export interface HoldRows {
  /** Rows in the order of the queue. */
  all(): HoldRow[];
  /** Puts a row at the end of the queue. */
  add(row: Omit<HoldRow, "seq">): void;
  change(seq: number, set: Pick<HoldRow, "owner" | "epoch" | "places" | "held_time">): void;
  remove(seq: number): void;
}
