import type { RunId, SessionId } from "../run-id.ts";

export interface Of<Type extends string> {
  type: Type;
  /** ISO, UTC, milliseconds. */
  time: string;
  session_id: SessionId;
}

export interface OfRun<Type extends string> extends Of<Type> {
  run: string;
}

export interface OfAttempt<Type extends string> extends OfRun<Type> {
  run_id: RunId;
  attempt: number;
}
